"""Pages of logging in and out; a link's GET shows a button, only its POST uses the link up."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from collector.access import cookie_name
from collector.api.deps import Use
from collector.console.render import page

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def login_page(request: Request, services: Use) -> Response:
    """Explain how to get a log-in link."""
    return page(request, services, "login", secret="", failed=False)


@router.get("/login/{secret}")
async def link_page(request: Request, services: Use, secret: str) -> Response:
    """Offer to use the link: whatever fetches addresses by itself must not use it up."""
    return page(request, services, "login", secret=secret, failed=False)


@router.post("/login")
async def log_in(
    request: Request, services: Use, secret: Annotated[str, Form(max_length=200)]
) -> Response:
    """Turn a link into a session and go to the first page."""
    session = await services.access.log_in(secret)
    if session is None:
        return page(request, services, "login", status=401, secret="", failed=True)
    secure = request.url.scheme == "https"
    answer = RedirectResponse("/", status_code=303)
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
