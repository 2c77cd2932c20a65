"""Cisco Unified Communications Manager."""

from __future__ import annotations

from agents.snmp.description import identified

FAMILY = identified("cisco_cucm", "1.3.6.1.4.1.9.1.1348")
