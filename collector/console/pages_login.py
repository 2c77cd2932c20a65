"""Pages of logging in and out; a link's GET shows a button, only its POST uses the link up."""

from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from collector.access import cookie_name
from collector.api.deps import Use
from collector.console.render import page

NEXT_COOKIE = "wanwatch_next"
router = APIRouter(include_in_schema=False)


@router.get("/login")
async def login_page(request: Request, services: Use, next: str = "") -> Response:  # noqa: A002
    """Explain how to get a log-in link; remember where the person wanted to go."""
    wanted = next if is_own_path(next) else ""
    answer = page(request, services, "login", secret="", failed=False, wanted=wanted)
    if wanted:
        answer.set_cookie(NEXT_COOKIE, quote(wanted), max_age=600, httponly=True, samesite="strict")
    return answer


def is_own_path(path: str) -> bool:
    """Say whether an address is a path of this console and nothing else."""
    return path.startswith("/") and path.isprintable() and not {"\\", "//"} & {path[1:2], path[:2]}


@router.get("/login/{secret}")
async def link_page(request: Request, services: Use, secret: str) -> Response:
    """Offer to use the link: whatever fetches addresses by itself must not use it up."""
    return page(request, services, "login", secret=secret, failed=False, wanted="")


@router.post("/login")
async def log_in(
    request: Request, services: Use, secret: Annotated[str, Form(max_length=200)]
) -> Response:
    """Turn a link into a session and go to the first page."""
    session = await services.access.log_in(secret)
    if session is None:
        return page(request, services, "login", status=401, secret="", failed=True, wanted="")
    secure = request.url.scheme == "https"
    wanted = unquote(request.cookies.get(NEXT_COOKIE, ""))
    answer = RedirectResponse(wanted if is_own_path(wanted) else "/", status_code=303)
    answer.set_cookie(
        cookie_name(secure=secure),
        session.secret,
        max_age=int((session.expires_at - services.now()).total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    if wanted:
        answer.delete_cookie(NEXT_COOKIE)
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
