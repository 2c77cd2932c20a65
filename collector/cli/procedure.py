"""`wanwatch procedure`: the response procedure as a table and a diagram, compared, confirmed."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Client, Data, Unreachable, connect
from collector.cli.output import fail, show
from collector.ruleset_view import ruleset_view
from incidents.procedure import Procedure, kept_procedure
from incidents.procedure_diff import difference
from incidents.procedure_items import items
from incidents.procedures import SHIPPED, read_procedure, shipped
from incidents.yaml_problems import InvalidDocument

ITEM_COLUMNS = {
    "code": "ITEM",
    "vi": "NAME",
    "value": "VALUE",
    "mark": "WHAT IT IS",
    "confirmed_as": "CONFIRMED",
    "basis": "BASIS",
}
DIFF_COLUMNS = {"what": "WHAT", "where": "WHERE", "before": "BEFORE", "after": "AFTER"}
LAW, PROPOSED, UNCONFIRMED = "quy định", "đề xuất, không phải quy định", "cần xác nhận"
Reference = Annotated[
    str, typer.Argument(metavar="RULESET", help="Id, digest or file; the one in force unless said.")
]
command = typer.Typer(help="The response procedure.", no_args_is_help=True)


@command.command("show")
def show_procedure(
    reference: Reference = "", data: Data = Path("var"), as_json: AsJson = False
) -> None:
    """Print a ruleset: its numbers with what is law and what is proposed, and its stages."""
    view = _view(reference, data)
    if as_json:
        typer.echo(json.dumps(view, ensure_ascii=False, indent=2, default=str))
        return
    for line in _head(view):
        typer.echo(line)
    typer.echo("")
    show([_row(item) for item in view["items"]], ITEM_COLUMNS, as_json=False)
    typer.echo("")
    for line in diagram(view["stages"]):
        typer.echo(line)


@command.command("diff")
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Id, digest or file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Id, digest or file.")],
    data: Data = Path("var"),
    as_json: AsJson = False,
) -> None:
    """Print what differs between two rulesets; exit code 1 when something does."""
    changes = difference(_procedure(before, data), _procedure(after, data))
    rows = [
        asdict(change) | {"where": ".".join(part for part in (change.part, change.field) if part)}
        for change in changes
    ]
    show(rows, DIFF_COLUMNS, as_json=as_json)
    raise typer.Exit(1 if changes else 0)


@command.command("confirm")
def confirm(
    item: Annotated[str, typer.Argument(help="Such as matrix or deadlines.bca_24h.")],
    by: Annotated[str, typer.Option(help="Who confirms; holds the role the ruleset names.")],
    note: Annotated[str, typer.Option(help="Document or opinion that it rests on.")] = "",
    data: Data = Path("var"),
) -> None:
    """Confirm a number of the ruleset in force; it goes into the configuration record."""
    client: Client = replace(connect(data), actor=by)
    answer = client.post("/api/v1/procedure/confirmations", {"item": item, "note": note})
    typer.echo(f"{answer['code']}: {answer['value']}")


def diagram(stages: dict[str, Any]) -> list[str]:
    """Return the stages as lines: the way to the end downwards, other moves beside it."""
    nodes = {node["code"]: node for node in stages["nodes"]}
    main = sorted((n for n in stages["nodes"] if n["row"] == 0), key=lambda n: n["column"])
    lines: list[str] = []
    for place, node in enumerate(main):
        following = main[place + 1]["code"] if place + 1 < len(main) else ""
        lines.append(f"{'■' if node['ends'] else '●'} {node['vi']} ({node['code']})")
        out = [edge for edge in stages["edges"] if edge["before"] == node["code"]]
        lines += [f"│   {_move(edge, nodes)}" for edge in out if edge["after"] != following]
        onward = [edge for edge in out if edge["after"] == following]
        if following:
            needs = (
                f"  cần: {', '.join(onward[0]['needs'])}" if onward and onward[0]["needs"] else ""
            )
            lines.append(f"▼{needs}" if onward else "┆")
    for node in (n for n in stages["nodes"] if n["row"] > 0):
        kind = "■" if node["ends"] else "◌" if node["pauses"] else "●"
        lines.append(f"{kind} {node['vi']} ({node['code']})")
        out = [edge for edge in stages["edges"] if edge["before"] == node["code"]]
        lines += [f"    {_move(edge, nodes)}" for edge in out]
    return lines


def _move(edge: dict[str, Any], nodes: dict[str, Any]) -> str:
    arrow = {"on": "├▶", "back": "├◀", "end": "├▷"}[edge["way"]]
    needs = f" [{', '.join(edge['needs'])}]" if edge["needs"] else ""
    again = " (mở lại)" if edge["reopens"] else ""
    return f"{arrow} {nodes[edge['after']]['vi']}{again}{needs}"


def _head(view: dict[str, Any]) -> list[str]:
    issued = (
        f"{view['issued_number']}, {view['issued_date']}" if view["issued_number"] else "chưa ghi"
    )
    told = view["first_told"]
    first = (
        "CHƯA CHỌN: tỉnh phải quyết định trước khi sử dụng" if told is None else " → ".join(told)
    )
    open_items = sum(1 for item in view["items"] if not item["confirmed"])
    return [
        f"{view['id']} · {view['title_vi']}",
        f"Dấu nội dung: {view['digest'][:12]}"
        + (" · đang có hiệu lực" if view["in_force"] else ""),
        f"Hiệu lực: từ {view['valid_from']}"
        + (f" đến {view['valid_to']}" if view["valid_to"] else ""),
        f"Quyết định của tỉnh: {issued}",
        f"Căn cứ: {view['source_ref']}",
        f"Báo ra ngoài trước tiên: {first or 'không báo ra ngoài'}",
        f"{open_items} mục cần xác nhận; con số đề xuất không phải quy định của pháp luật.",
    ]


def _row(item: dict[str, Any]) -> dict[str, Any]:
    by = str(item["confirmed_by"]).removeprefix("person:")
    return item | {
        "mark": LAW if item["is_law"] else PROPOSED,
        "confirmed_as": (by or "có") if item["confirmed"] else UNCONFIRMED,
    }


def _view(reference: str, data: Path) -> dict[str, Any]:
    known = _without_collector(reference, data)
    if known is not None:
        return asdict(ruleset_view(known, items(known), in_force=False))
    answer: dict[str, Any] = connect(data).get("/api/v1/procedure", ref=reference or None)
    return answer


def _procedure(reference: str, data: Path) -> Procedure:
    known = _without_collector(reference, data)
    if known is not None:
        return known
    answer = connect(data).get("/api/v1/procedure", ref=reference)
    return kept_procedure(json.dumps(answer["content"], ensure_ascii=False, separators=(",", ":")))


def _without_collector(reference: str, data: Path) -> Procedure | None:
    """Return the ruleset of a file, or a shipped one where no collector runs; None: ask it."""
    path = Path(reference)
    if reference.endswith((".yaml", ".yml")) or (reference and path.is_file()):
        try:
            return read_procedure(path.read_text(encoding="utf-8"), file=path.name)
        except (OSError, UnicodeDecodeError) as error:
            fail(f"cannot read {path}: {error}", code=2)
        except InvalidDocument as error:
            fail(f"{path} has mistakes:\n{error}", code=2)
    if reference not in SHIPPED:
        return None
    try:
        Client.of_data_directory(data)
    except Unreachable:
        return shipped(reference)
    return None
