"""`wanwatch incident deadlines`, `meet` and `extend`: what is due, done and given more time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

DEADLINE_COLUMNS = {
    "code": "DEADLINE",
    "state": "STATE",
    "due_at": "DUE",
    "met_at": "DONE",
    "late": "LATE",
    "who": "WHO",
    "mark": "MARK",
    "confirmed": "CONFIRMED",
    "name_vi": "NAME",
}
OVERDUE = "qua_han"
Code = Annotated[str, typer.Argument(metavar="CODE", help="Such as SC26-0001.")]


def deadlines(code: Code, data: Data = Path("var"), as_json: AsJson = False) -> None:
    """List the deadlines of an incident; exit code 1 when one that runs is overdue."""
    rows = connect(data).get(f"/api/v1/incidents/{code}/deadlines")
    late = [
        str(timedelta(seconds=row["late_seconds"])) if row["late_seconds"] else "" for row in rows
    ]
    shown = rows if as_json else [row | {"late": by} for row, by in zip(rows, late, strict=True)]
    show(shown, DEADLINE_COLUMNS, as_json=as_json)
    if any(row["running"] and row["state"] == OVERDUE for row in rows):
        raise typer.Exit(1)


def meet(
    code: Code,
    deadline: Annotated[str, typer.Argument(help="Such as notify_commander or bca_24h.")],
    how: Annotated[str, typer.Option(help="How it was done.")],
    told: Annotated[str, typer.Option(help="Who was told.")] = "",
    document: Annotated[str, typer.Option(help="Number of the document or receipt.")] = "",
    at: Annotated[str, typer.Option(help="When, such as 2026-11-24T07:30; now unless said.")] = "",
    data: Data = Path("var"),
) -> None:
    """Record that a duty was done."""
    body = {"deadline": deadline, "how": how, "told": told, "document": document}
    _post(data, code, "meet", body | ({"at": at} if at else {}))


def extend(
    code: Code,
    deadline: Annotated[str, typer.Argument(help="Such as fix; a clock of law is never extended.")],
    until: Annotated[str, typer.Option(help="Such as 2026-11-30T17:00.")],
    approver: Annotated[str, typer.Option(help="Who approved it.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    data: Data = Path("var"),
) -> None:
    """Give an internal deadline more time."""
    body = {"deadline": deadline, "until": until, "approver": approver, "reason": reason}
    _post(data, code, "extend", body)


def _post(data: Path, code: str, name: str, body: dict[str, Any]) -> None:
    answer = connect(data).post(f"/api/v1/incidents/{code}/{name}", body)
    typer.echo(f"{answer['incident']}: {answer['stage']}")
