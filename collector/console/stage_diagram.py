"""The stages of a ruleset as one SVG drawing, made on the server."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.console.texts import Texts
    from incidents.stage_graph import Edge, Graph, Node

WIDTH, HEIGHT = 128, 54
STEP_X, STEP_Y = 158, 96
MARGIN, ABOVE = 12, 64
LETTERS_A_LINE, LINES = 17, 3
LINE_HEIGHT = 14


def draw(graph: Graph, t: Texts) -> Markup:
    """Return the drawing: the way to the end in one row, returns above it, ends below it."""
    width = 2 * MARGIN + (graph.columns - 1) * STEP_X + WIDTH
    height = ABOVE + (graph.rows - 1) * STEP_Y + HEIGHT + MARGIN
    nodes = {node.code: node for node in graph.nodes}
    names = ", ".join(_name(node, t) for node in graph.nodes)
    parts = [
        Markup('<svg class="stages" viewBox="0 0 {} {}" width="{}" height="{}" role="img">').format(
            width, height, width, height
        ),
        Markup("<title>{}</title>").format(t("procedure.stages_alt", stages=names)),
        Markup(
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path class="arrow-head" d="M0 0 8 4 0 8z"/></marker>'
            "</defs>"
        ),
        *(_edge(edge, nodes) for edge in graph.edges),
        *(part for node in graph.nodes for part in _node(node, t)),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def _place(node: Node) -> tuple[int, int]:
    """Return the upper left corner of a stage."""
    return MARGIN + node.column * STEP_X, ABOVE + node.row * STEP_Y


def _node(node: Node, t: Texts) -> Iterator[Markup]:
    x, y = _place(node)
    kind = "ends" if node.ends else "pauses" if node.pauses else "on"
    yield Markup(
        '<g class="stage stage-{}"><rect x="{}" y="{}" width="{}" height="{}" rx="8"/>'
    ).format(kind, x, y, WIDTH, HEIGHT)
    lines = textwrap.wrap(_name(node, t), LETTERS_A_LINE)[:LINES]
    first = y + HEIGHT / 2 - (len(lines) - 1) * LINE_HEIGHT / 2 + 4
    for number, line in enumerate(lines):
        yield Markup('<text x="{}" y="{:g}">{}</text>').format(
            x + WIDTH // 2, first + number * LINE_HEIGHT, line
        )
    yield Markup("</g>")


def _edge(edge: Edge, nodes: dict[str, Node]) -> Markup:
    one, other = nodes[edge.before], nodes[edge.after]
    (x1, y1), (x2, y2) = _place(one), _place(other)
    if one.row == other.row and other.column == one.column + 1:
        path = f"M{x1 + WIDTH} {y1 + HEIGHT // 2}H{x2 - 2}"
    elif one.row == other.row:  # over the stages in between, or back
        bow = min(ABOVE - 10, 16 + 9 * abs(other.column - one.column))
        start, end = x1 + WIDTH // 2, x2 + WIDTH // 2
        shift = 14 if end > start else -14
        start, end, top = start + shift, end - shift, y1 - bow
        path = f"M{start} {y1}C{start} {top} {end} {top} {end} {y2 - 2}"
    else:
        down = other.row > one.row
        start_y, end_y = (y1 + HEIGHT, y2 - 2) if down else (y1, y2 + HEIGHT + 2)
        start, end = (
            x1 + WIDTH // 2 + (10 if down else -10),
            x2 + WIDTH // 2 + (10 if down else -10),
        )
        middle = (start_y + end_y) // 2
        path = f"M{start} {start_y}C{start} {middle} {end} {middle} {end} {end_y}"
    kind = "reopens" if edge.reopens else edge.way
    return Markup('<path class="edge edge-{}" d="{}" marker-end="url(#arrow)"/>').format(kind, path)


def _name(node: Node, t: Texts) -> str:
    return node.vi if t.language == "vi" else node.en
