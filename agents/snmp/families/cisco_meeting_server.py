"""Cisco Meeting Server, once Acano: it answers as any Linux does."""

from __future__ import annotations

import re

from agents.snmp.description import NET_SNMP, identified

FAMILY = identified(
    "cisco_meeting_server", NET_SNMP, description=re.compile(r"\bAcano\b", re.IGNORECASE)
)
