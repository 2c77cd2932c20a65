"""The page of one's own account: who one is here, password, second factor, sessions."""

import io
from typing import Annotated, Any
from urllib.parse import quote

import segno
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.accounts import totp
from collector.accounts.accounts import Turned
from collector.accounts.password_rules import LONGEST, SHORTEST
from collector.api.deps import Caller, Use, origin_of, viewer_for
from collector.console.pages_login import STATUS, give_cookie, turned_words
from collector.console.render import language_of, page, words_of
from collector.services import Services
from collector.storage import account_store
from collector.storage.log_ins import list_log_ins
from collector.storage.queries import units
from incidents.conditions import Refused

router = APIRouter(include_in_schema=False)
OWN_ROWS = 20
Password = Annotated[str, Form(max_length=4 * LONGEST)]
Code = Annotated[str, Form(max_length=40)]


@router.get("/account")
async def account_page(request: Request, services: Use, caller: Caller, done: str = "") -> Response:
    """Show who one is here: roles, sessions, log-ins; forms for password and second factor."""
    return await _page(request, services, caller, done=done)


@router.post("/account/password")
async def change_password(
    request: Request,
    services: Use,
    caller: Caller,
    current: Password,
    new: Password,
    again: Password,
) -> Response:
    """Change one's password; all other sessions end."""
    if new != again:
        said = language_of(request)("account.not_the_same")
        return await _page(request, services, caller, said=said, status=422)
    try:
        found = await services.own_account.change_password(caller, current, new, origin_of(request))
    except Refused as refused:
        return await _refused(request, services, caller, refused)
    if isinstance(found, Turned):
        return await _turned(request, services, caller, found)
    answer = RedirectResponse("/account?done=password", status_code=303)
    return give_cookie(request, services, answer, found)


@router.post("/account/totp")
async def begin(request: Request, services: Use, caller: Caller, password: Password) -> Response:
    """Show a new secret, this once, and ask for one of its codes."""
    try:
        found = await services.own_account.begin_second_factor(caller, password, origin_of(request))
    except Refused as refused:
        return await _refused(request, services, caller, refused)
    if isinstance(found, Turned):
        return await _turned(request, services, caller, found)
    uri = totp.key_uri(found, quote(caller.user))
    return await _page(
        request, services, caller, secret=totp.secret_text(found), picture=picture_of(uri)
    )


@router.post("/account/totp/confirm")
async def confirm(request: Request, services: Use, caller: Caller, code: Code) -> Response:
    """Ask for codes from now on, and show the recovery codes, this once."""
    try:
        codes = await services.own_account.confirm_second_factor(caller, code)
    except Refused as refused:
        return await _refused(request, services, caller, refused)
    return await _page(request, services, caller, codes=codes)


@router.post("/account/totp/off")
async def turn_off(
    request: Request, services: Use, caller: Caller, password: Password, code: Code
) -> Response:
    """Ask for no codes any more."""
    try:
        turned = await services.own_account.drop_second_factor(
            caller, password, code, origin_of(request)
        )
    except Refused as refused:
        return await _refused(request, services, caller, refused)
    if turned is not None:
        return await _turned(request, services, caller, turned)
    return RedirectResponse("/account?done=totp_off", status_code=303)


@router.post("/account/sessions/{session}/end")
async def end_session(services: Use, caller: Caller, session: str) -> Response:
    """End one of one's own sessions, on whatever device it is."""
    await services.own_account.end_session(caller, session)
    return RedirectResponse("/account?done=session", status_code=303)


def picture_of(uri: str) -> str:
    """Return a QR code as the address of an SVG picture, dark on white whatever the page is."""
    made = io.BytesIO()
    segno.make(uri, error="m").save(made, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return "data:image/svg+xml," + quote(made.getvalue())


async def _turned(request: Request, services: Services, caller: Any, turned: Turned) -> Response:
    said = language_of(request)("account.wrong")
    if turned.why != "wrong":
        said = turned_words(language_of(request), turned)
    return await _page(request, services, caller, said=said, status=STATUS[turned.why])


async def _refused(request: Request, services: Services, caller: Any, refused: Refused) -> Response:
    said = words_of(request, refused)
    return await _page(request, services, caller, said=said, status=409)


async def _page(
    request: Request,
    services: Services,
    caller: Any,
    *,
    status: int = 200,
    said: str = "",
    done: str = "",
    secret: str = "",
    picture: str = "",
    codes: list[str] | None = None,
) -> Response:
    def read(connection: Connection) -> dict[str, Any]:
        account = account_store.find_account(connection, caller.user)
        return {
            "account": account,
            "recovery_left": account_store.recovery_codes_left(connection, caller.user),
            "units": None if viewer.units is None else units.all_units(connection, viewer),
            "log_ins": list_log_ins(connection, name=caller.user, limit=OWN_ROWS).items,
        }

    who = services.desk.people.actor(caller.actor, services.now())
    viewer = viewer_for(services, caller)
    return page(
        request,
        services,
        "account",
        status=status,
        said=said,
        done=done,
        secret=secret,
        picture=picture,
        codes=codes or [],
        roles=sorted(who.held(services.desk.procedure)),
        declared=services.desk.people.declared,
        standing=services.desk.standing(caller.user),
        deputies=services.desk.people.deputies_at(services.now()),
        sessions=await services.access.sessions(caller.user),
        shortest=SHORTEST,
        **await services.db.read(read),
    )
