"""`wanwatch session ready`: which points of a session are ready, the worst first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show
from collector.console.readiness_views import measured

COLUMNS = {
    "order": "NO",
    "name": "POINT",
    "verdict": "VERDICT",
    "check": "CHECK",
    "found": "VALUE",
    "threshold": "THRESHOLD",
    "age_seconds": "AGE (S)",
    "source": "SOURCE",
    "runbook": "RUNBOOK",
}
LISTED = ("no_go", "warning", "not_checked")


def ready(
    number: Annotated[int, typer.Argument(metavar="ID", help="Of the session.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep what is found as a pre-check record.")
    ] = False,
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Show what keeps each point from being ready; exit code 1 unless the session is a go."""
    client = connect(data)
    if keep:
        client.post(f"/api/v1/sessions/{number}/checks")
    found = client.get(f"/api/v1/sessions/{number}/readiness")
    if as_json:
        show([found], COLUMNS, as_json=True)
    else:
        show([line for point in found["points"] for line in _lines(point)], COLUMNS, as_json=False)
    if found["verdict"] != "go":
        raise typer.Exit(1)


def _lines(point: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a line for each cell that is not a go, or one line for a point that is ready."""
    of = {"order": point["order"], "name": point["name"]}
    cells = sorted(
        (cell for cell in point["cells"] if cell["verdict"] in LISTED),
        key=lambda cell: LISTED.index(cell["verdict"]),
    )
    lines = [of | _line(cell) for cell in cells]
    empty = dict.fromkeys(COLUMNS, "")
    return [empty | line for line in lines] or [empty | of | {"verdict": point["verdict"]}]


def _line(cell: dict[str, Any]) -> dict[str, Any]:
    value, threshold = cell["value"], cell["threshold"]
    sign = "≥" if cell["side"] == "above" else "≤"
    shown = "" if value is None else measured(value, cell["measure"], "en")
    return {
        **{name: cell[name] for name in ("verdict", "check", "source", "runbook")},
        "found": " ".join(part for part in (shown, cell["text"], cell["reason"]) if part),
        "threshold": ""
        if threshold is None
        else f"{sign} {measured(threshold, cell['measure'], 'en')}",
        "age_seconds": "" if cell["age_seconds"] is None else round(cell["age_seconds"]),
    }
