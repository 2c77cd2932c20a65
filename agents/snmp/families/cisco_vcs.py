"""Cisco Expressway and VCS: registrations and calls are told over HTTPS alone."""

from __future__ import annotations

from agents.snmp.description import identified

FAMILY = identified("cisco_vcs", "1.3.6.1.4.1.5596.130")
