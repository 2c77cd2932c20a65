"""Huawei TE endpoints and CloudLink rooms: calls are told over HTTPS alone."""

from __future__ import annotations

import re

from agents.snmp.description import NET_SNMP, identified

FAMILY = identified("huawei_te", NET_SNMP, description=re.compile(r"\bTE\d{2}\b|\bCloudLink\b"))
