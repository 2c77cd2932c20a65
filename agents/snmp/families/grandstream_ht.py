"""Grandstream HT8xx gateways, which put telephones on SIP."""

from __future__ import annotations

import re

from agents.snmp.description import NET_SNMP, identified

FAMILY = identified(
    "grandstream_ht",
    NET_SNMP,
    description=re.compile(r"\bHT8\d\d\b"),
    says=re.compile(r"(?P<model>HT8\d\d)(?P<software>)(?P<serial>)"),
)
