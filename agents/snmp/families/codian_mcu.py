"""Codian and Cisco bridges: MCU 42xx, 45xx, 5310, 5320, MSE 8000, TelePresence Server."""

from __future__ import annotations

from agents.snmp.description import identified

CODIAN = "1.2.826.0.1.4616240"
CISCO = {"1.3.6.1.4.1.9.1.1540": "MCU 5310", "1.3.6.1.4.1.9.1.1541": "MCU 5320"}


def model(object_id: str) -> str:
    """Return the model, which is the last part of Codian's own identifiers."""
    return CISCO.get(object_id) or f"Codian {object_id.rsplit('.', 1)[-1]}"


FAMILY = identified("codian_mcu", CODIAN, *CISCO, model=model)
