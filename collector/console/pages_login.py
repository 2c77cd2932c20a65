"""Pages of logging in and out; a link's GET shows a button, only its POST uses the link up."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from collector.access import Session, cookie_name
from collector.accounts.accounts import Claim, Turned
from collector.accounts.password_rules import LONGEST
from collector.api.deps import Use, origin_of
from collector.console.render import language_of, page
from collector.console.texts import Texts
from collector.services import Services

NEXT_COOKIE = "wanwatch_next"
DEVICE_COOKIE = "wanwatch_device"
DEVICE_LIFETIME = timedelta(days=180)
STATUS = {"wrong": 401, "slowed": 429, "busy": 503}
router = APIRouter(include_in_schema=False)


@router.get("/login")
async def login_page(request: Request, services: Use, next: str = "") -> Response:  # noqa: A002
    """Ask for name and password; remember where the person wanted to go."""
    wanted = next if is_own_path(next) else ""
    answer = page(request, services, "login", secret="", said="", typed="", wanted=wanted)
    if wanted:
        answer.set_cookie(NEXT_COOKIE, quote(wanted), max_age=600, httponly=True, samesite="strict")
    return answer


def is_own_path(path: str) -> bool:
    """Say whether an address is a path of this console and nothing else."""
    return path.startswith("/") and path.isprintable() and not {"\\", "//"} & {path[1:2], path[:2]}


@router.get("/login/{secret}")
async def link_page(request: Request, services: Use, secret: str) -> Response:
    """Offer to use the link: whatever fetches addresses by itself must not use it up."""
    return page(request, services, "login", secret=secret, said="", typed="", wanted="")


@router.post("/login")
async def log_in(
    request: Request,
    services: Use,
    secret: Annotated[str, Form(max_length=200)] = "",
    name: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=4 * LONGEST)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Turn a link, or a name with its password, into a session and go to the first page."""
    replacing = request.cookies.get(cookie_name(secure=request.url.scheme == "https"), "")
    if secret:
        session = await services.access.log_in(secret, origin_of(request), replacing)
        if session is not None:
            return _entered(request, services, session)
        said = language_of(request)("login.failed")
        return page(
            request, services, "login", status=401, secret="", said=said, typed="", wanted=""
        )
    claim = Claim(name, password, code, request.cookies.get(DEVICE_COOKIE, ""))
    found = await services.accounts.log_in(claim, origin_of(request), replacing)
    if isinstance(found, Turned):
        return _turned(request, services, found, name)
    answer = _entered(request, services, found.session)
    answer.set_cookie(
        DEVICE_COOKIE,
        found.device,
        max_age=int(DEVICE_LIFETIME.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/logout")
async def log_out(request: Request, services: Use) -> Response:
    """End the session on the server and forget the cookie."""
    secure = request.url.scheme == "https"
    secret = request.cookies.get(cookie_name(secure=secure))
    if secret:
        await services.access.log_out(secret)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(
        cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="strict"
    )
    return answer


def give_cookie(
    request: Request, services: Services, answer: Response, session: Session
) -> Response:
    """Let the browser keep a session; the cookie goes back to this host alone."""
    secure = request.url.scheme == "https"
    answer.set_cookie(
        cookie_name(secure=secure),
        session.secret,
        max_age=int((session.expires_at - services.now()).total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    return answer


def turned_words(t: Texts, turned: Turned) -> str:
    """Return why somebody is not let in; whether a name exists is not among it."""
    return t(f"login.{turned.why}", seconds=max(1, round(turned.wait_seconds)))


def _turned(request: Request, services: Services, turned: Turned, name: str) -> Response:
    said, status = turned_words(language_of(request), turned), STATUS[turned.why]
    answer = page(
        request, services, "login", status=status, secret="", said=said, typed=name, wanted=""
    )
    if turned.wait_seconds:
        answer.headers["Retry-After"] = str(max(1, round(turned.wait_seconds)))
    return answer


def _entered(request: Request, services: Services, session: Session) -> Response:
    wanted = unquote(request.cookies.get(NEXT_COOKIE, ""))
    answer = RedirectResponse(wanted if is_own_path(wanted) else "/", status_code=303)
    give_cookie(request, services, answer, session)
    if wanted:
        answer.delete_cookie(NEXT_COOKIE)
    return answer
