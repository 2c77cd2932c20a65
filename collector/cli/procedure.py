"""`wanwatch procedure`: the response procedure as a table and a diagram, compared, confirmed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from collector.cli.client import AsJson, Client, Data, Unreachable, connect
from collector.cli.output import fail, show
from collector.cli.words import language, say
from collector.ruleset_view import ruleset_view
from incidents.procedure import Procedure, kept_procedure
from incidents.procedure_diff import difference
from incidents.procedure_items import items
from incidents.procedures import SHIPPED, read_procedure, shipped
from incidents.yaml_problems import InvalidDocument

ITEM_COLUMNS = {
    "code": "ITEM",
    "name": "NAME",
    "value": "VALUE",
    "mark": "WHAT IT IS",
    "confirmed_as": "CONFIRMED",
    "basis": "BASIS",
}
DIFF_COLUMNS = {"what": "WHAT", "where": "WHERE", "before": "BEFORE", "after": "AFTER"}
WORDS = {
    "vi": {
        "law": "quy định",
        "proposed": "đề xuất, không phải quy định",
        "unconfirmed": "cần xác nhận",
        "digest": "Dấu nội dung: {}",
        "in_force": "đang có hiệu lực",
        "valid": "Hiệu lực: từ {}",
        "until": "đến hết {}",
        "issued": "Quyết định của tỉnh: {}",
        "not_given": "chưa ghi",
        "source": "Căn cứ: {}",
        "first": "Báo ra ngoài trước tiên: {}",
        "undecided": "CHƯA CHỌN: tỉnh phải quyết định trước khi sử dụng",
        "nobody": "không báo ra ngoài",
        "open": "{} mục cần xác nhận; con số đề xuất không phải quy định của pháp luật.",
        "needs": "cần",
        "again": "mở lại",
    },
    "en": {
        "law": "rule of law",
        "proposed": "proposal, not law",
        "unconfirmed": "to be confirmed",
        "digest": "Digest: {}",
        "in_force": "in force",
        "valid": "Valid from {}",
        "until": "to the end of {}",
        "issued": "The province's decision: {}",
        "not_given": "not given yet",
        "source": "Source: {}",
        "first": "Told first outside: {}",
        "undecided": "NOT CHOSEN: the province must decide before this is used",
        "nobody": "nobody outside is told",
        "open": "{} items to be confirmed; a proposed number is not a rule of law.",
        "needs": "needs",
        "again": "reopens",
    },
}
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
    language = _language()
    for line in _head(view, language):
        typer.echo(line)
    typer.echo("")
    show([_row(item, language) for item in view["items"]], ITEM_COLUMNS, as_json=False)
    typer.echo("")
    for line in diagram(view["stages"], language):
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


def diagram(stages: dict[str, Any], language: str) -> list[str]:
    """Return the stages as lines: the way to the end downwards, other moves beside it."""
    words = WORDS[language]
    names = {node["code"]: node[language] for node in stages["nodes"]}
    moves = {code: [e for e in stages["edges"] if e["before"] == code] for code in names}
    main = sorted((n for n in stages["nodes"] if n["row"] == 0), key=lambda n: n["column"])
    lines: list[str] = []
    for node, following in zip(main, [*main[1:], None], strict=True):
        lines.append(f"{_sign(node)} {node[language]} ({node['code']})")
        onward = [e for e in moves[node["code"]] if following and e["after"] == following["code"]]
        beside = [e for e in moves[node["code"]] if e not in onward]
        lines += [f"│   {_move(edge, names, words)}" for edge in beside]
        if following is not None:
            needs = onward[0]["needs"] if onward else []
            said = f"  {words['needs']}: {', '.join(needs)}" if needs else ""
            lines.append(f"▼{said}" if onward else "┆")
    for node in (n for n in stages["nodes"] if n["row"] > 0):
        lines.append(f"{_sign(node)} {node[language]} ({node['code']})")
        lines += [f"    {_move(edge, names, words)}" for edge in moves[node["code"]]]
    return lines


def _sign(node: dict[str, Any]) -> str:
    return "■" if node["ends"] else "◌" if node["pauses"] else "●"


def _move(edge: dict[str, Any], names: dict[str, str], words: dict[str, str]) -> str:
    arrow = {"on": "├▶", "back": "├◀", "end": "├▷"}[edge["way"]]
    needs = f" [{', '.join(edge['needs'])}]" if edge["needs"] else ""
    again = f" ({words['again']})" if edge["reopens"] else ""
    return f"{arrow} {names[edge['after']]}{again}{needs}"


def _head(view: dict[str, Any], language: str) -> list[str]:
    words, told = WORDS[language], view["first_told"]
    issued = f"{view['issued_number']}, {view['issued_date']}" if view["issued_number"] else ""
    first = words["undecided"] if told is None else " → ".join(told) or words["nobody"]
    in_force = f" · {words['in_force']}" if view["in_force"] else ""
    until = f" {words['until'].format(view['valid_to'])}" if view["valid_to"] else ""
    return [
        f"{view['id']} · {view[f'title_{language}']}",
        words["digest"].format(view["digest"][:12]) + in_force,
        words["valid"].format(view["valid_from"]) + until,
        words["issued"].format(issued or words["not_given"]),
        words["source"].format(view["source_ref"]),
        words["first"].format(first),
        words["open"].format(sum(1 for item in view["items"] if not item["confirmed"])),
    ]


def _row(item: dict[str, Any], language: str) -> dict[str, Any]:
    words = WORDS[language]
    by = str(item["confirmed_by"]).removeprefix("person:") or "✓"
    return item | {
        "name": item[language],
        "value": item["value" if language == "vi" else "value_en"],
        "mark": words["law" if item["is_law"] else "proposed"],
        "confirmed_as": by if item["confirmed"] else words["unconfirmed"],
    }


def _language() -> str:
    return language(os.environ)


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
            fail(say("cannot read {path}: {error}", path=path, error=error), code=2)
        except InvalidDocument as error:
            fail(say("{path} has mistakes:\n{error}", path=path, error=error), code=2)
    if reference not in SHIPPED:
        return None
    try:
        Client.of_data_directory(data)
    except Unreachable:
        return shipped(reference)
    return None
