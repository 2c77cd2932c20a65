"""Turns view models into HTML: templates that escape everything and know no undefined name."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, overload
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from collector.console import assets, formats, navigation
from collector.console.texts import Texts, choose_language, table
from collector.services import Services
from incidents import phone_numbers
from incidents.conditions import Refused

LANGUAGE_COOKIE = "wanwatch_language"
LANGUAGE_LIFETIME = timedelta(days=365)


@cache
def environment() -> Environment:
    """Return the templates: escaped, strict about names, and free of stray white space."""
    made = Environment(
        loader=PackageLoader("collector.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["navigation"] = navigation
    made.globals["asset"] = assets.url_of
    made.globals["live_scripts"] = assets.has_live_scripts
    made.filters["dialled"] = phone_numbers.shown
    return made


def language_of(request: Request) -> Texts:
    """Return the words for this request: `?lang=` first, then the cookie, then Vietnamese."""
    asked = request.query_params.get("lang")
    return Texts(choose_language(asked, request.cookies.get(LANGUAGE_COOKIE)))


@overload
def words_of(request: Request, refusal: Refused) -> str: ...
@overload
def words_of(request: Request, refusal: Refused | None) -> str | None: ...
def words_of(request: Request, refusal: Refused | None) -> str | None:
    """Return why something was refused, in the language of the page."""
    if refusal is None:
        return None
    return refusal.reason_vi if language_of(request).language == "vi" else refusal.reason_en


def page(
    request: Request,
    services: Services,
    name: str,
    *,
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """Render the page `name`, or only its live part when the page itself asks for news."""
    t = language_of(request)
    live = request.headers.get("hx-request") == "true"
    template = environment().get_template(f"{name}_live.html" if live else f"{name}.html")
    html = template.render(_context(request, services, t) | context)
    response = HTMLResponse(html, status_code=status, headers={"Vary": "HX-Request, Cookie"})
    if request.query_params.get("lang") == t.language:
        response.set_cookie(
            LANGUAGE_COOKIE,
            t.language,
            max_age=int(LANGUAGE_LIFETIME.total_seconds()),
            samesite="lax",
            secure=request.url.scheme == "https",
            httponly=True,
        )
    return response


def _context(request: Request, services: Services, t: Texts) -> dict[str, Any]:
    now = services.now()
    return {
        "t": t,
        "now": now,
        "names": services.names,
        "library": services.library,
        "identity": request.state.identity,
        "path": request.url.path,
        "here": here(request),
        "switch": here(request, lang="en" if t.language == "vi" else "vi"),
        "stale_after_seconds": services.stale_after_seconds,
        "script_words": script_words(t),
        "new_id": services.new_id,
        **_formats(t, now),
    }


def _formats(t: Texts, now: datetime) -> Mapping[str, Any]:
    """Return the formatting functions, bound to the page's language and instant."""
    return {
        "local": formats.local_time,
        "exact": formats.exact_time,
        "day": formats.day,
        "iso": formats.rfc3339,
        "age": lambda instant: formats.age(instant, now, t),
        "term": lambda due: formats.term(due, t),
        "remaining": lambda due: formats.remaining(due, now, t),
        "span": lambda seconds: formats.span(timedelta(seconds=seconds), t),
        "person": lambda actor: formats.person(actor or "", t),
        "about": lambda kind, subject: formats.about(kind, subject, t.language),
        "number": lambda value, digits=0: formats.number(value, t.language, digits=digits),
        "quantity": lambda name, value: formats.quantity(name, value, t.language),
    }


def here(request: Request, **changes: str | None) -> str:
    """Return this page's address with some query values changed, or removed by None."""
    query = {name: value for name, value in request.query_params.items() if name != "lang"}
    query.update({name: value for name, value in changes.items() if value is not None})
    for name in (name for name, value in changes.items() if value is None):
        query.pop(name, None)
    return request.url.path + (f"?{urlencode(query)}" if query else "")


def script_words(t: Texts) -> dict[str, str]:
    """Return the words that the page's script needs to count seconds on its own."""
    keys = [key for key in table(t.language) if key.startswith(("span.", "age.", "live."))]
    return {key: table(t.language)[key] for key in keys}
