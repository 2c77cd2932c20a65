"""`/api/v2/silences`: our own silences, as `amtool` and Alertmanager's page make and end them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from collector.alerts_in import matchers, silences
from collector.alerts_in.sources import Source
from collector.alerts_in.wire import BadBody
from collector.api.alertmanager import answer, asker_of, nobody
from collector.api.deps import Use, check_units, viewer_for
from collector.api.errors import NotFoundError
from collector.api.mutes import ending, need_own_unit, told
from collector.mutes.requests import check
from collector.storage.mutes import add_mute, end_mute
from collector.storage.queries.mutes import find_silence, list_silences
from collector.storage.queries.visibility import Viewer
from incidents.conditions import NotAllowed, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from collector.access import Identity
    from collector.alerts_in.matchers import LabelMatcher
    from collector.alerts_in.silences import Asked
    from collector.services import Services
    from collector.storage.queries.mutes import MuteRow

router = APIRouter(tags=["alertmanager"])
# As long as Alertmanager keeps what is over.
SHOWN_AFTER_END = timedelta(hours=120)
_UNNAMED = "cli"


class AlreadyOver(Exception):
    """A silence has ended before."""


@router.get("/api/v2/silences")
async def get_silences(
    request: Request,
    services: Use,
    filter: Annotated[list[str] | None, Query(max_length=50)] = None,  # noqa: A002
) -> Response:
    """List silences: those that hold, those to come, and what is over for at most five days."""
    asker = asker_of(request, services)
    if asker is None:
        return nobody()
    try:
        wanted = [one for text in filter or () for one in matchers.parse_many(text)]
    except ValueError as error:
        return answer(str(error), 400)
    now = services.now()
    viewer, source = _seen_by(services, asker)
    rows = await services.db.read(
        lambda c: list_silences(c, viewer, source=source, since=now - SHOWN_AFTER_END)
    )
    found = [row for row in rows if all(_speaks_of(row, one) for one in wanted)]
    return answer([silences.shown(row, now) for row in found])


@router.post("/api/v2/silences")
async def post_silence(request: Request, services: Use) -> Response:
    """Make a silence, or another in the place of one; the worst severity is told nevertheless."""
    asker = asker_of(request, services)
    if asker is None:
        return nobody()
    now = services.now()
    source = asker.id if isinstance(asker, Source) else ""
    try:
        asked = silences.read(
            await request.body(), now, has_unit=services.outside.has_unit, source=source
        )
        number = await services.db.write(_making(services, asker, asked))
    except BadBody as error:
        return answer(str(error), 400)
    except (NotFoundError, Refused) as error:
        return _refused(error)
    told(services)
    return answer({"silenceID": silences.id_of(number)})


@router.get("/api/v2/silence/{silence_id}")
async def get_silence(request: Request, services: Use, silence_id: str) -> Response:
    """Return one silence."""
    asker = asker_of(request, services)
    if asker is None:
        return nobody()
    viewer, source = _seen_by(services, asker)
    number = silences.number_of(silence_id)
    row = None
    if number is not None:
        row = await services.db.read(lambda c: find_silence(c, number, viewer, source=source))
    if row is None:
        return answer("silence not found", 404)
    return answer(silences.shown(row, services.now()))


@router.delete("/api/v2/silence/{silence_id}")
async def delete_silence(request: Request, services: Use, silence_id: str) -> Response:
    """End a silence; one of somebody else's a source cannot end."""
    asker = asker_of(request, services)
    if asker is None:
        return nobody()
    number = silences.number_of(silence_id)
    if number is None:
        return answer("silence not found", 404)
    try:
        await services.db.write(lambda c: _end(c, services, asker, number))
    except (NotFoundError, Refused) as error:
        return _refused(error)
    except AlreadyOver as error:
        # Alertmanager's own status for it: its clients show the text of no other one.
        return answer(str(error), 500)
    told(services)
    return answer({})


def _refused(error: NotFoundError | Refused) -> Response:
    if isinstance(error, NotFoundError):
        return answer(str(error), 404)
    status = 403 if isinstance(error, NotAllowed) else 400
    return answer(f"{error.reason_en} {error.reason_vi}", status)


def _seen_by(services: Services, asker: Identity | Source) -> tuple[Viewer, str]:
    """Return whose units are seen, and which source asks."""
    if isinstance(asker, Source):
        return Viewer(), asker.id
    return viewer_for(services, asker), ""


def _speaks_of(row: MuteRow, wanted: LabelMatcher) -> bool:
    """Say whether a silence has such a matcher: as Alertmanager, by what it would match."""
    named = {one.name: one.value for one in silences.matchers_of(row)}
    return wanted.name in named and wanted.matches(named)


def _making(
    services: Services, asker: Identity | Source, asked: Asked
) -> Callable[[Connection], int]:
    """Return the work of storing a silence."""
    now, new = services.now(), asked.mute

    def work(connection: Connection) -> int:
        check(new, now, exists=lambda _what, _name: True)
        if asked.replaced is not None:
            _end(connection, services, asker, asked.replaced, is_known_enough=True)
        if isinstance(asker, Source):
            return add_mute(connection, new, f"source:{asker.id}", now)
        caller = _named(asker, asked.created_by)
        services.desk.check_act("silence", asker.actor, now)
        viewer = viewer_for(services, caller)
        if new.unit and not viewer.sees(new.unit):
            raise NotFoundError("unit", new.unit)
        need_own_unit(viewer, new.unit, new.agent)
        check_units(services, caller, "silence", *([new.unit] if new.unit else []))
        return add_mute(connection, new, caller.actor, now)

    return work


def _named(caller: Identity, created_by: str) -> Identity:
    """Return who is at the command line: `amtool` says it in the silence itself."""
    is_unnamed = caller.kind == "bearer" and caller.user == _UNNAMED
    return replace(caller, user=created_by) if is_unnamed and created_by else caller


def _end(
    connection: Connection,
    services: Services,
    asker: Identity | Source,
    number: int,
    *,
    is_known_enough: bool = False,
) -> None:
    """End a silence.

    Args:
        is_known_enough: It may be over.

    Raises:
        NotFoundError: There is none that whoever asks may end.
        Refused: They may not.
        AlreadyOver: It has ended before.
    """
    now = services.now()
    if isinstance(asker, Source):
        row = find_silence(connection, number, Viewer(), source=asker.id)
        if row is None or row.source != asker.id:
            raise NotFoundError("silence", number)
        is_ended = end_mute(connection, number, f"source:{asker.id}", now)
    else:
        services.desk.check_act("silence", asker.actor, now)
        _, said = ending(services, number, "silence", asker)(connection)
        is_ended = bool(said["ended"])
    if not is_ended and not is_known_enough:
        raise AlreadyOver(f"silence {silences.id_of(number)} already expired")
