"""The boards as they are written, and what is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "grafana" / "dashboards"
BOARDS = sorted(FOLDER.glob("*/*.json"))


class Asked(NamedTuple):
    """An expression and where it stands."""

    place: str
    expr: str


def of_language(language: str) -> list[Path]:
    """Return the boards in one language."""
    return [file for file in BOARDS if file.parent.name == language]


def load(file: Path) -> dict[str, Any]:
    """Return a board."""
    return dict(json.loads(file.read_text(encoding="utf-8")))


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the panels that are no rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries(board: dict[str, Any]) -> Iterator[Asked]:
    """Yield every query of panels and marks."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield Asked(f"{board['uid']}: {panel['title']}", target["expr"])
    for mark in board["annotations"]["list"]:
        yield Asked(f"{board['uid']}: {mark['name']}", mark["expr"])


def choices(board: dict[str, Any]) -> dict[str, str]:
    """Return what each variable asks for, by its name."""
    found = board["templating"]["list"]
    return {one["name"]: one["query"]["query"] for one in found if one["type"] == "query"}
