"""`/api/v1/oncall…`: who is on call, when nobody is, who stands in, and how people are reached."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.api.deps import Caller, RowNumber, Use, may
from collector.api.errors import NotFoundError
from collector.api.once import answer_of, answer_with, command, fingerprint_of, key_of, store_once
from collector.oncall.desk import ContactRow, ShiftRow
from collector.services import Services
from collector.storage import oncall as store
from collector.storage.oncall import NewOverride
from incidents.commands.fields import At
from incidents.conditions import Refused
from incidents.oncall import Gap, Override
from incidents.oncall_calendar import MAX_BYTES

router = APIRouter(prefix="/api/v1/oncall", tags=["on call"])
feeds = APIRouter(include_in_schema=False)
Name = Annotated[str, Field(max_length=100)]
Words = Annotated[str, Field(max_length=200)]
Instant = Annotated[At | None, Query()]
AHEAD = timedelta(days=31)
CALENDAR = "text/calendar; charset=utf-8"
Work = Callable[[Connection], tuple[int, Mapping[str, Any]]]


class OverrideBody(BaseModel):
    """Who stands in for whom; `back_from` and `back_until`: the other shift of a swap.

    Without `out` it is whoever is called first; without `stand_in` it is an absence.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schedule: Name = ""
    start: Annotated[At, Field(alias="from")]
    until: At
    out: Name = ""
    stand_in: Name = ""
    back_from: At | None = None
    back_until: At | None = None
    reason: Words = ""


class CancelBody(BaseModel):
    """Why it does not hold after all."""

    model_config = ConfigDict(extra="forbid")
    reason: Words = ""


class ImportBody(BaseModel):
    """A calendar (RFC 5545); `person` is who is absent where an event does not say it itself."""

    model_config = ConfigDict(extra="forbid")

    ics: Annotated[str, Field(max_length=MAX_BYTES)]
    person: Name = ""
    stand_in: Name = ""
    schedule: Name = ""


@router.get("")
async def at(services: Use, at: Instant = None) -> list[ShiftRow]:
    """Return who is on call at an instant, now unless said; of the past what was known then."""
    now = services.now()
    return await services.db.read(lambda c: services.oncall.at(c, at or now, now))


@router.get("/shifts")
async def shifts(
    services: Use, start: Annotated[Instant, Query(alias="from")] = None, until: Instant = None
) -> list[ShiftRow]:
    """Return the shifts as they are planned today, a month ahead unless said."""
    start = start or services.now()
    end = until or start + AHEAD
    return await services.db.read(lambda c: services.oncall.shifts(c, start, end))


@router.get("/gaps")
async def gaps(
    services: Use, start: Annotated[Instant, Query(alias="from")] = None, until: Instant = None
) -> list[Gap]:
    """Return where nobody is on call or stands behind, and who cannot be reached."""
    start = start or services.now()
    end = until or start + AHEAD
    return await services.db.read(lambda c: services.oncall.gaps(c, start, end))


@router.get("/contacts")
async def contacts(services: Use) -> list[ContactRow]:
    """Return the phone tree: who is on call first."""
    now = services.now()
    return await services.db.read(lambda c: services.oncall.phone_tree(c, now))


@router.get("/overrides")
async def overrides(services: Use) -> list[Override]:
    """Return who stands in for whom, now and later."""
    now = services.now()
    return await services.db.read(lambda c: services.oncall.overrides(c, now))


@router.post("/overrides", status_code=201, dependencies=[Depends(may("oncall"))])
async def override(request: Request, services: Use, caller: Caller, body: OverrideBody) -> Response:
    """Let somebody stand in, or two swap their shifts; it is written into the record."""
    return await command(request, services, overriding(services, wished(services, body), caller))


@router.post("/overrides/{number}/cancel", dependencies=[Depends(may("oncall"))])
async def cancel(
    request: Request, services: Use, caller: Caller, number: RowNumber, body: CancelBody
) -> Response:
    """Take an override back from now on."""
    return await command(request, services, cancelling(services, number, body.reason, caller))


@router.post("/import", status_code=201, dependencies=[Depends(may("oncall"))])
async def take_in(request: Request, services: Use, caller: Caller, body: ImportBody) -> Response:
    """Take a calendar in as overrides and absences; what is known already is left as it is."""
    new = services.oncall.read_calendar(
        body.ics, person=body.person, stand_in=body.stand_in, schedule=body.schedule
    )
    return await command(request, services, overriding(services, new, caller))


@router.get("/overrides.ics")
async def overrides_calendar(services: Use) -> Response:
    """Return the overrides as a calendar that can be taken in again."""
    now = services.now()
    text = await services.db.read(lambda c: services.oncall.calendar_of_overrides(c, now))
    return PlainTextResponse(text, media_type=CALENDAR)


@router.post("/contacts/{person}/calendar", status_code=201)
async def address(request: Request, services: Use, caller: Caller, person: str) -> Response:
    """Give one's own calendar a new secret address; the one before opens nothing any more.

    The secret is in the first answer alone: no stored answer keeps it.
    """
    key, secret = key_of(request), services.new_id()
    work = addressing(services, person, secret, caller)
    stored = await store_once(services, caller, key, await fingerprint_of(request), work)
    if stored.replayed:
        return answer_of(stored)
    name = json.loads(stored.answer)["person"]
    return answer_with(stored, address=f"/oncall/{name}.ics?key={secret}")


@feeds.get("/oncall/{person}.ics")
async def feed(
    services: Use, person: str, key: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Return the calendar of one person to whoever has its secret address, and nothing else."""
    now = services.now()
    if not await services.db.read(lambda c: store.is_feed(c, person, digest_of(key))):
        return PlainTextResponse("no such calendar, or its address is not this one", 401)
    text = await services.db.read(lambda c: services.oncall.calendar_of(c, person, now))
    return PlainTextResponse(text, media_type=CALENDAR)


def wished(services: Services, body: OverrideBody) -> list[NewOverride]:
    """Return the override of a body, or both of a swap."""
    uid = services.new_id()
    out, new = body.out.strip(), body.stand_in.strip()
    first = NewOverride(
        body.schedule, body.start, body.until, out, new, body.reason.strip(), f"{uid}@wanwatch"
    )
    if body.back_from is None and body.back_until is None:
        return [first]
    if body.back_from is None or body.back_until is None or not out or not new:
        raise Refused(
            "Đổi ca cần đủ hai người và thời gian của cả hai ca.",
            "A swap needs both persons, and the time of both shifts.",
            ["out", "stand_in", "back_from", "back_until"],
        )
    back = NewOverride(
        body.schedule, body.back_from, body.back_until, new, out, body.reason.strip(),
        f"{uid}-back@wanwatch",
    )  # fmt: skip
    return [first, back]


def overriding(services: Services, new: list[NewOverride], caller: Caller) -> Work:
    """Return the work of keeping overrides."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        made = services.oncall.add(connection, new, caller.actor, now)
        return 201, {"ids": made, "known": len(new) - len(made)}

    return work


def cancelling(services: Services, number: int, reason: str, caller: Caller) -> Work:
    """Return the work of taking an override back."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        services.oncall.cancel(connection, number, caller.actor, reason, now)
        return 200, {"id": number}

    return work


def addressing(services: Services, person: str, secret: str, caller: Caller) -> Work:
    """Return the work of giving a calendar its address; everybody has their own alone."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        contact = services.oncall.oncall.contacts.of(person)
        if contact is None:
            raise NotFoundError("contact", person)
        if caller.user.casefold() != contact.name.casefold():
            raise Refused(
                "Chỉ chính người đó lấy được địa chỉ lịch của mình.",
                "Only the person themselves gets the address of their calendar.",
                ["person"],
            )
        store.set_feed(connection, contact.name, digest_of(secret), now)
        return 201, {"person": contact.name}

    return work


def digest_of(secret: str) -> str:
    """Return what is kept of a secret address."""
    return hashlib.sha256(secret.encode()).hexdigest()
