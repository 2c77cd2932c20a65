"""Cisco and Tandberg codecs (C, EX, SX, MX, DX, Room, Board): calls are told over HTTPS alone."""

from __future__ import annotations

import re

from agents.snmp.description import identified

SAYS = re.compile(
    r"SoftW:\s*(?P<software>\S+).*?MCU:\s*(?P<model>.+?)\s*Date:.*?S/N:\s*(?P<serial>\S+)",
    re.DOTALL,
)
FAMILY = identified("cisco_codec", "1.3.6.1.4.1.5596.150", says=SAYS)
