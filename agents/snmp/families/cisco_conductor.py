"""Cisco TelePresence Conductor, which hands calls to bridges."""

from __future__ import annotations

from agents.snmp.description import identified

FAMILY = identified("cisco_conductor", "1.3.6.1.4.1.5596.180")
