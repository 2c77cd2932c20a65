"""One file per kind of device that tells something, each with TRAPS; a list names them."""

from __future__ import annotations

from agents.receivers.traps import apc, hdx, poly, standard, ups

KNOWN = (standard.TRAPS, poly.TRAPS, hdx.TRAPS, ups.TRAPS, apc.TRAPS)
