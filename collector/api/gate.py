"""The outermost layer: nobody gets past it unknown, and every answer leaves with strict headers."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response

from agents.enrolment import ENROL_PATH
from agents.probe_plan import PLAN_PATH
from agents.report import MAX_COMPRESSED_BYTES
from agents.rotation import ROTATE_PATH
from collector.access import SAFE_METHODS, Identity, cookie_name, refused_origin
from collector.alerts_in.wire import ALERTS_PATH, WEBHOOK_PATH
from collector.alerts_in.wire import MAX_BODY_BYTES as MAX_ALERTS_BYTES
from collector.api.errors import is_program
from collector.protocol import trust
from collector.relay import PHONE_PATH, RECEIPT_PATH
from collector.source_tokens import SD_PATH, WRITE_PATH, token_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from collector.access import Access
    from collector.sessions.board_access import BoardAccess
    from collector.source_tokens import SourceBook

MAX_BODY_BYTES = 64 * 1024
BODY_SECONDS = 20.0
ACTOR_HEADER = "x-wanwatch-actor"
# Health and log-in, and what the log-in page is made of.
OPEN_PATHS = frozenset(
    {
        "/-/healthy",
        "/-/ready",
        "/-/progress",
        "/login",
        "/static/console.css",
        "/static/console.js",
        "/static/board.css",
        "/static/board.js",
        "/static/favicon.svg",
    }
)
# What somebody whose password must be changed may ask for before that.
BEFORE_CHANGE = frozenset({"/account", "/account/password", "/logout"})
# A link that holds its own secret: to log in, to acknowledge, to show a board.
OPEN_PREFIXES = ("/login/", "/ack/", "/board/")
# The calendar of one person: its own secret address stands in the place of a log-in.
_CALENDAR = re.compile(r"/oncall/[^/]+\.ics")
# Here a key's signature stands in the place of a log-in; a browser's cookie counts for nothing.
# A relay shows a token of its own there.
SIGNED_PATHS = frozenset({ENROL_PATH, PLAN_PATH, ROTATE_PATH, PHONE_PATH, RECEIPT_PATH})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# Evidence and the photos of a session are as long as the settings say, and take their time; a
# calendar is longer than a form.
EVIDENCE_SECONDS = 1_800.0
_EVIDENCE = re.compile(r"/(?:api/v1/)?incidents/[^/]+/evidence|/api/v1/sessions/[^/]+/photos")
_TAKEN_IN = frozenset({"/api/v1/session-imports", "/sessions/import"})
CALENDAR_BYTES = 2 << 20
_FORM_BYTES = 64 * 1024


class BodyTooLargeError(HTTPException):
    """The request's body goes on beyond what any of our routes needs."""

    def __init__(self, most_bytes: int) -> None:
        """Say the limit."""
        super().__init__(413, f"the body exceeds {most_bytes} bytes")


class BodyTooSlowError(HTTPException):
    """The request's body does not come."""

    def __init__(self, seconds: float) -> None:
        """Say the limit."""
        super().__init__(408, f"the body did not arrive within {seconds:g} s")


class Limit(NamedTuple):
    """How long a body may be, and how long it may take as a whole."""

    bytes: int
    seconds: float


# What a source that reads metrics may ask for, and nothing else.
SCRAPED_PATHS = frozenset({"/metrics", SD_PATH})
# What outside sources bring: the token of a source stands in the place of a log-in, and the route
# asks for it (`collector/source_tokens.py`).
SOURCE_LIMITS = {
    WRITE_PATH: Limit(MAX_COMPRESSED_BYTES, BODY_SECONDS),
    ALERTS_PATH: Limit(MAX_ALERTS_BYTES, BODY_SECONDS),
    WEBHOOK_PATH: Limit(MAX_ALERTS_BYTES, BODY_SECONDS),
}
# Here both may ask: a source with its token, and a person.
_SHARED_PREFIX = "/api/v2/"


class Gate:
    """Identify the caller, refuse foreign origins and huge bodies, add the headers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        boards: BoardAccess,
        open_paths: frozenset[str] = frozenset(),
        evidence_bytes: int = 0,
        scraper: Callable[[str], Identity | None] = lambda _: None,
    ) -> None:
        """Stand before `app`; `open_paths` have an authentication of their own."""
        self._evidence_bytes = evidence_bytes
        self._app = app
        self._access, self._boards, self._scraper = access, boards, scraper
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; anything that is not HTTP or start-up is not served."""
        if scope["type"] == "lifespan" or scope.get("path") in self._open_paths:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        identity = await self._identify(scope, headers)
        scope.setdefault("state", {})["identity"] = identity
        if identity is not None:
            trust(scope)
        outgoing = _with_headers(send)
        limit = self._limit_of(scope)
        refusal = _refusal(scope, headers, identity, limit)
        if refusal is not None:
            await refusal(scope, receive, outgoing)
            return
        await self._app(scope, _bounded(receive, limit), outgoing)

    def _limit_of(self, scope: Scope) -> Limit:
        if scope["method"] == "POST" and _EVIDENCE.fullmatch(scope["path"]):
            return Limit(self._evidence_bytes + _FORM_BYTES, EVIDENCE_SECONDS)
        if scope["method"] == "POST" and scope["path"] in _TAKEN_IN:
            return Limit(CALENDAR_BYTES, BODY_SECONDS)
        return SOURCE_LIMITS.get(scope["path"], Limit(MAX_BODY_BYTES, BODY_SECONDS))

    async def _identify(self, scope: Scope, headers: Headers) -> Identity | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme and scope["path"] in SCRAPED_PATHS and scope["method"] in SAFE_METHODS:
            found = self._scraper(headers["authorization"])
            if found is not None:
                return found
        if scheme:
            known = scheme.lower() == "bearer"
            actor = headers.get(ACTOR_HEADER, "")
            return self._access.bearer(token.strip(), actor) if known else None
        cookies = cookie_parser(headers.get("cookie", ""))
        secret = cookies.get(cookie_name(secure=scope["scheme"] == "https"))
        found = await self._access.session(secret) if secret else None
        if found is not None:
            return found
        return await self._boards.identity(scope["method"], scope["path"], cookies)


def is_open(path: str) -> bool:
    """Say whether a path is served to anybody: health, log-in, and what a key signs."""
    if path in OPEN_PATHS or is_of_programs(path) or path.startswith(OPEN_PREFIXES):
        return True
    return _CALENDAR.fullmatch(path) is not None


def scraper_of(
    sources: SourceBook, now: Callable[[], datetime]
) -> Callable[[str], Identity | None]:
    """Return what says which source may read metrics, by the Authorization header."""

    def scraper(authorization: str) -> Identity | None:
        token = token_of(authorization)
        source = sources.of(token, "metrics", now()) if token else None
        return None if source is None else Identity(source.name, "source")

    return scraper


def is_of_programs(path: str) -> bool:
    """Say whether a key's signature or a token of its own stands in the place of a log-in here."""
    return path in SIGNED_PATHS or path in SOURCE_LIMITS or path.startswith(_SHARED_PREFIX)


def _refusal(
    scope: Scope, headers: Headers, identity: Identity | None, limit: Limit
) -> Response | None:
    path: str = scope["path"]
    if identity is None and not is_open(path):
        return _unknown_caller(scope, headers)
    if identity is not None and identity.must_change and not _is_before_change(path):
        return _password_first(scope, headers)
    is_programs = is_of_programs(path) and not (identity and path.startswith(_SHARED_PREFIX))
    if not is_programs and (identity is None or identity.kind == "session"):
        why = refused_origin(scope["method"], headers)
        if why is not None:
            return _problem(403, "foreign_origin", f"the request does not come from here: {why}")
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit.bytes:
        return _problem(413, "too_large", f"the body exceeds {limit.bytes} bytes")
    return None


def _unknown_caller(scope: Scope, headers: Headers) -> Response:
    path: str = scope["path"]
    page = scope["method"] in SAFE_METHODS and not is_program(path)
    login = f"/login?next={quote(path)}"
    if page and headers.get("hx-request") is None and "text/html" in headers.get("accept", ""):
        return RedirectResponse(login, status_code=303, headers={"Cache-Control": "no-store"})
    answer = _problem(401, "unauthenticated", "log in at /login, or send the token")
    answer.headers["WWW-Authenticate"] = "Bearer"
    if headers.get("hx-request") is not None:
        answer.headers["HX-Redirect"] = "/login"
    return answer


def _is_before_change(path: str) -> bool:
    return path in BEFORE_CHANGE or is_open(path) or path.startswith("/static/")


def _password_first(scope: Scope, headers: Headers) -> Response:
    if scope["method"] in SAFE_METHODS and not is_program(scope["path"]):
        return RedirectResponse("/account", status_code=303, headers={"Cache-Control": "no-store"})
    answer = _problem(403, "must_change", "the password must be changed first, at /account")
    if headers.get("hx-request") is not None:
        answer.headers["HX-Redirect"] = "/account"
    return answer


def _problem(status: int, code: str, reason: str) -> Response:
    words = {
        "unauthenticated": "cần đăng nhập tại trang /login, hoặc gửi kèm mã truy cập",
        "must_change": "trước hết phải đổi mật khẩu, tại trang /account",
        "foreign_origin": "yêu cầu không xuất phát từ trang này nên bị từ chối",
        "too_large": "nội dung gửi lên quá lớn",
    }
    body = {"code": code, "reason_vi": words[code], "reason_en": reason}
    return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})


def _with_headers(send: Send) -> Send:
    async def outgoing(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return outgoing


def _bounded(receive: Receive, limit: Limit) -> Receive:
    """Bound the body in bytes and time; what comes after it (the end of a stream) may wait.

    A long one must keep coming: no piece of it may take longer than a short body as a whole.
    """
    read = 0
    is_whole = False
    clock = asyncio.get_running_loop().time
    deadline = clock() + limit.seconds

    async def bounded() -> Message:
        nonlocal read, is_whole
        if is_whole:
            return await receive()
        try:
            async with asyncio.timeout_at(min(deadline, clock() + BODY_SECONDS)):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlowError(min(limit.seconds, BODY_SECONDS)) from None
        is_whole = not message.get("more_body", False)
        read += len(message.get("body", b""))
        if read > limit.bytes:
            raise BodyTooLargeError(limit.bytes)
        return message

    return bounded
