"""A ruleset as API and command line show it: its head, its numbers, its stages, all as written."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from incidents.procedure import Procedure
from incidents.procedure_items import Item
from incidents.stage_graph import Graph, graph_of


@dataclass(frozen=True, slots=True)
class RulesetView:
    """A ruleset: its head, its numbers one by one, its stages, and everything as written.

    Attributes:
        first_told: Who outside is told first; null: the province has not decided.
        content: The whole file, what it extends included.
    """

    id: str
    digest: str
    in_force: bool
    title_vi: str
    title_en: str
    valid_from: date
    valid_to: date | None
    issued_number: str | None
    issued_date: date | None
    source_ref: str
    confirmed_by: str
    first_told: list[str] | None
    items: list[Item]
    stages: Graph
    content: dict[str, Any]


def ruleset_view(procedure: Procedure, items: list[Item], *, in_force: bool) -> RulesetView:
    """Return a ruleset to be shown; `items` are its numbers with what people confirmed."""
    file = procedure.file
    return RulesetView(
        id=procedure.id,
        digest=procedure.digest,
        in_force=in_force,
        title_vi=file.title.vi,
        title_en=file.title.en,
        valid_from=file.valid_from,
        valid_to=file.valid_to,
        issued_number=file.issued.number,
        issued_date=file.issued.day,
        source_ref=file.source_ref,
        confirmed_by=file.confirmed_by,
        first_told=None if file.first_told is None else list(file.first_told),
        items=items,
        stages=graph_of(procedure),
        content=json.loads(procedure.content),
    )
