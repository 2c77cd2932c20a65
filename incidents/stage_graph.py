"""The stages of a ruleset as a graph in columns: where each stands and which moves join them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from incidents.procedure import Procedure

Way = Literal["on", "back", "end"]


@dataclass(frozen=True, slots=True)
class Node:
    """A stage; the main way runs through row 0, column by column."""

    code: str
    vi: str
    en: str
    column: int
    row: int
    ends: bool
    pauses: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A move: `on` along the way, `back` to an earlier stage, `end` to an end beside the way."""

    before: str
    after: str
    way: Way
    needs: tuple[str, ...]
    reopens: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Stages and moves; `columns` and `rows` say how much room they take."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    columns: int
    rows: int


def graph_of(procedure: Procedure) -> Graph:
    """Return the stages in columns: the longest way to the end first, the others below it."""
    main = _main_way(procedure)
    column = {code: place for place, code in enumerate(main)}
    row = dict.fromkeys(main, 0)
    taken: dict[int, int] = dict.fromkeys(range(len(main)), 0)
    for code in procedure.stages:
        if code in column:
            continue
        into = [
            column[stage.code]
            for stage in procedure.file.stages
            if stage.code in column and any(move.to == code for move in stage.next)
        ]
        place = max(into, default=0)
        taken[place] = taken.get(place, 0) + 1
        column[code], row[code] = place, taken[place]
    nodes = tuple(
        Node(s.code, s.vi, s.en, column[s.code], row[s.code], s.ends, s.pauses)
        for s in procedure.file.stages
    )
    return Graph(nodes, _edges(procedure, column, row), len(main), max(row.values()) + 1)


def _main_way(procedure: Procedure) -> list[str]:
    """Return the stages of the longest way that never goes back, through the end to the last."""
    order = {stage.code: place for place, stage in enumerate(procedure.file.stages)}
    way = [procedure.file.start]
    while True:
        here = procedure.stages[way[-1]]
        on = [
            move.to
            for move in here.next
            if not move.reopens and move.to not in way and order[move.to] > order[here.code]
        ]
        on = [code for code in on if not _is_aside(procedure, code)]
        if not on:
            return way
        way.append(min(on, key=lambda code: order[code]))


def _is_aside(procedure: Procedure, code: str) -> bool:
    """Say whether a stage ends an incident or holds it up beside the way to its closing."""
    stage, closed = procedure.stages[code], procedure.file.closed
    if stage.pauses:
        return True
    after = {move.to for move in procedure.stages[closed].next if not move.reopens}
    return stage.ends and code != closed and code not in after


def _edges(procedure: Procedure, column: dict[str, int], row: dict[str, int]) -> tuple[Edge, ...]:
    found: list[Edge] = []
    for stage in procedure.file.stages:
        for move in stage.next:
            way: Way = "on"
            if row[move.to]:
                way = "end"
            elif column[move.to] <= column[stage.code]:
                way = "back"
            found.append(Edge(stage.code, move.to, way, move.needs, move.reopens))
    return tuple(found)
