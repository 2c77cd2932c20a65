"""What was found out by itself: the newest answer to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.findings import lines_of
from incidents.state import Kind

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _diagnosed(incident: Incident, entry: Entry) -> Incident:
    return replace(
        incident,
        found=lines_of(entry, "vi"),
        found_en=lines_of(entry, "en"),
        found_said=tuple(entry.data["said"]),
    )


CHANGES: dict[str, Change] = {Kind.DIAGNOSED: _diagnosed}
