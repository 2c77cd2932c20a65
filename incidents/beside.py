"""Conditions of a transition that are read beside the timeline: what the file must hold by then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from incidents.conditions import Refused
from incidents.desk_store import DeskTransaction
from incidents.evidence import evidence_missing
from incidents.procedure import Procedure
from incidents.state import Incident

if TYPE_CHECKING:
    from incidents.procedure_file import Need

# (transaction, the incident's number, the incident, its procedure, now) → why not, or None.
Reader: TypeAlias = Callable[[DeskTransaction, int, Incident, Procedure, datetime], Refused | None]

# One reader for each need that `needs` of a transition may name and that no form can meet.
READERS: tuple[tuple[Need, Reader], ...] = (("evidence", evidence_missing),)
