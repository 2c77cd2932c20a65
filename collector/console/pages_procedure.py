"""The procedure's page: its numbers, its stages, what is law and what is proposed; comparison."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.api.deps import Caller, Use
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.api.procedure import ConfirmBody, chosen, confirming
from collector.console.render import language_of, page, words_of
from collector.console.stage_diagram import draw
from collector.ruleset_desk import KeptRuleset, items_of, kept_rulesets, unconfirmed_count
from collector.services import Services
from incidents.conditions import Refused
from incidents.procedure import Procedure
from incidents.procedure_diff import difference
from incidents.procedures import SHIPPED
from incidents.stage_graph import graph_of

router = APIRouter(include_in_schema=False)
Reference = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A ruleset that can be compared."""

    reference: str
    label: str


@router.get("/procedure")
async def procedure_page(
    request: Request, services: Use, ref: Reference = "", done: Reference = ""
) -> Response:
    """Show the ruleset in force, or the one with this id or digest."""
    return await _procedure(request, services, ref, done=done, refusal=None, status=200)


@router.post("/procedure/confirm")
async def confirm(
    request: Request,
    services: Use,
    caller: Caller,
    item: Annotated[str, Form(max_length=100)],
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Confirm a number of the ruleset in force."""
    work = confirming(services, caller.actor, ConfirmBody(item=item, note=note))
    digest = fingerprint(request, f"{item}\n{note}".encode())
    try:
        await store_once(services, caller, key, digest, work)
    except Refused as refused:
        return await _procedure(request, services, "", done="", refusal=refused, status=409)
    return RedirectResponse("/procedure?done=confirm#numbers-title", status_code=303)


@router.get("/procedure/diff")
async def diff_page(request: Request, services: Use, a: Reference, b: Reference = "") -> Response:
    """Show what differs between two rulesets."""

    def read(connection: Connection) -> tuple[Procedure, Procedure]:
        return chosen(services, connection, a), chosen(services, connection, b)

    before, after = await services.db.read(read)
    changes = difference(before, after)
    return page(request, services, "procedure_diff", before=before, after=after, changes=changes)


async def _procedure(
    request: Request,
    services: Services,
    reference: str,
    *,
    done: str,
    refusal: Refused | None,
    status: int,
) -> Response:
    t = language_of(request)

    def read(connection: Connection) -> dict[str, Any]:
        procedure = chosen(services, connection, reference)
        found, kept = items_of(connection, procedure), kept_rulesets(connection)
        return {
            "file": procedure.file,
            "digest": procedure.digest,
            "in_force": procedure.digest == services.desk.procedure.digest,
            "items": found,
            "unconfirmed": unconfirmed_count(found),
            "kept": kept,
            "choices": _choices(services, kept),
            "diagram": draw(graph_of(procedure), t),
        }

    facts = await services.db.read(read)
    file, said = facts["file"], words_of(request, refusal)
    return page(
        request,
        services,
        "procedure",
        status=status,
        done=done,
        refusal=said,
        roles={r.code: r.vi if t.language == "vi" else r.en for r in file.roles},
        stages={s.code: s.vi if t.language == "vi" else s.en for s in file.stages},
        **facts,
    )


def _choices(services: Services, kept: list[KeptRuleset]) -> list[Choice]:
    """Return what can be compared: what is and was in force here, and what is shipped."""
    found = {p.digest: p.id for p in services.desk.rulesets.procedures}
    found.update({one.digest: one.id for one in kept})
    here = [Choice(digest, f"{name} · {digest[:12]}") for digest, name in found.items()]
    return [*here, *(Choice(name, f"{name} ★") for name in SHIPPED)]
