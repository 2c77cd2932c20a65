"""How long the endpoint's certificates are valid: one that ends in the session ends its calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.sessions.cells import Verdict, held_against, worst
from incidents.sessions.check import SCREENS, Check
from incidents.sessions.facts import of_metric
from incidents.sessions.thresholds import DAY_SECONDS

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts, Reading

METRICS = (
    "wanwatch_tls_expiry_timestamp_seconds",
    "wanwatch_tls_chain_expiry_timestamp_seconds",
)


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return the one that ends first."""
    return worst(_cell(one, asked) for one in of_metric(facts.endpoint, *METRICS))


def _cell(one: Reading, asked: Asked) -> Cell:
    left_seconds = one.value - asked.now.timestamp()
    needed_seconds = (asked.session.ends_at - asked.now).total_seconds()
    limits = asked.thresholds.certificate_days
    cell = held_against(one, left_seconds / DAY_SECONDS, limits, "days", "below")
    if left_seconds <= needed_seconds and cell.verdict is not Verdict.NOT_CHECKED:
        return replace(cell, verdict=Verdict.NO_GO, threshold=needed_seconds / DAY_SECONDS)
    return cell


CHECK = Check("certificate", SCREENS, "certificate-expiring", judge)
