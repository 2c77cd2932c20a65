"""The page behind a link in a message: its GET says what it is, only its POST acknowledges."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from collector.api.deps import Use
from collector.console.render import page, words_of
from collector.services import Services
from collector.storage.account_store import is_disabled
from collector.storage.ack_links import AckLink, find_link, use_link
from incidents.ack_links import PATH
from incidents.commands import Acknowledge
from incidents.conditions import Refused, name_of
from incidents.state import PERSON

router = APIRouter(include_in_schema=False)
WAY = "link"
State = Literal["ready", "done", "taken", "used", "ended", "refused", "unknown"]


@router.get(PATH + "{token}")
async def link_page(request: Request, services: Use, token: str) -> Response:
    """Say what the link acknowledges, or who was first; a mail scanner changes nothing."""
    message = services.acks.message_of(token)
    found = await services.db.read(lambda c: find_link(c, message or ""))
    return _page(request, services, "unknown" if found is None else _stands(found), found)


@router.post(PATH + "{token}")
async def acknowledge(request: Request, services: Use, token: str) -> Response:
    """Acknowledge as the person whom the message went to; the link is used up."""
    message, now = services.acks.message_of(token), services.now()

    def work(connection: Connection) -> tuple[State, AckLink | None]:
        found = find_link(connection, message or "")
        if found is None or message is None:
            return "unknown", None
        if is_disabled(connection, found.recipient):
            raise Refused(
                f"Tài khoản của {found.recipient} đã bị khóa.",
                f"The account of {found.recipient} is disabled.",
                ["account"],
            )
        state = _stands(found)
        if state != "ready" or not use_link(connection, message, now):
            return state, found
        actor, tx = PERSON + found.recipient, services.desk_tx(connection)
        services.desk.command(tx, found.incident, Acknowledge(), actor, now, way=WAY)
        return "done", find_link(connection, message)

    try:
        state, found = await services.db.write(work)
    except Refused as refused:
        found = await services.db.read(lambda c: find_link(c, message or ""))
        return _page(request, services, "refused", found, why=words_of(request, refused))
    if state == "done" and found is not None:
        services.changes.publish("incident", found.code)
    return _page(request, services, state, found)


def _stands(link: AckLink) -> State:
    if link.acknowledged_at is not None:
        return "used" if link.used_at is not None else "taken"
    if link.ended:
        return "ended"
    return "ready" if link.used_at is None else "used"


def _page(
    request: Request, services: Services, state: State, link: AckLink | None, *, why: str = ""
) -> Response:
    status = {"unknown": 404, "refused": 409, "taken": 200, "used": 200}.get(state, 200)
    return page(
        request,
        services,
        "ack",
        status=status,
        state=state,
        link=link,
        who=name_of(link.acknowledged_by) if link else "",
        why=why,
    )
