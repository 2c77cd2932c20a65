"""`wanwatch certificates`: certificates and signing tokens, and when they end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import AsJson, Data, connect
from collector.cli.output import show

COLUMNS = {
    "valid_to": "GOOD UNTIL",
    "days_left": "DAYS LEFT",
    "unit": "UNIT",
    "kind": "KIND",
    "name": "ISSUED TO",
    "serial": "SERIAL",
    "token": "TOKEN",
    "is_measured": "MEASURED",
}
LAST_LIST_DAYS = 7


def certificates(
    data: Data = Path("var"),
    search: Annotated[str, typer.Option(help="Words of name, unit, number or holder.")] = "",
    unit: Annotated[str, typer.Option(help="Identifier code of one unit.")] = "",
    days: Annotated[int, typer.Option(min=-1, help="At most so many days left; -1: all.")] = -1,
    as_json: AsJson = False,
) -> None:
    """List certificates, what ends first on top; exit code 1 when one has a week or less."""
    wanted = {"q": search, "unit": unit, "days": "" if days < 0 else str(days)}
    given = {name: value for name, value in wanted.items() if value}
    found = connect(data).get("/api/v1/certificates", **given)
    show(found, COLUMNS, as_json=as_json)
    if any(one["step"] is not None and one["step"] <= LAST_LIST_DAYS for one in found):
        raise typer.Exit(1)
