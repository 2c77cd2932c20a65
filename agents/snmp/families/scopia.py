"""Radvision, later Avaya, Scopia XT endpoints."""

from __future__ import annotations

import re

from agents.snmp.description import identified

FAMILY = identified(
    "scopia",
    "1.3.6.1.4.1.903.31",
    says=re.compile(r"(?P<model>Scopia \S+)(?P<software>)(?P<serial>)"),
)
