"""Whether a service gives one real answer: its status, what stands in it, how old its data is.

A page that comes with 200 and says "maintenance", or shows Friday's figures, is not the service.
"""

from __future__ import annotations

import base64
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation, SourceError
from agents.exchange import answer_of_tls, left_of, trusting_context
from agents.http import Address, BadAnswer, Connection, Response
from agents.probe import Means, Params, Probe, allow, allow_number, answered
from agents.probes.page import http_date, instant_after

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "http"
MOST_BODY_BYTES = 1 << 20
# Vietnam's.
OFFSET_HOURS = 7.0
DENIED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class HttpParams(Params):
    """One page of a service.

    Attributes:
        site: The name in `Host` and TLS; empty for the address. Names are never looked up.
        contains: What must stand in the page; empty for anything.
        age_after: The text after which the page says of when its data is; empty for none.
        last_modified: Take the age from the header Last-Modified instead.
        offset_hours: The page's local time, where it does not say its zone.
        most_age_seconds: Data older than this are the wrong content; 0 for any age.
        credentials: The name in this agent's own file of `user:password`; empty for none.
    """

    port: int = 80
    is_tls: bool = False
    path: str = "/"
    site: str = ""
    contains: str = ""
    age_after: str = ""
    last_modified: bool = False
    offset_hours: float = OFFSET_HOURS
    most_age_seconds: float = 0.0
    credentials: str = ""
    limit_seconds: float = 5.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        is_path = self.path.startswith("/") and self.path.isascii() and self.path.isprintable()
        allow("path", self.path, is_path and " " not in self.path, "a path in ASCII such as /a?b=c")
        is_site = self.site.isascii() and self.site.isprintable() and len(self.site) < 254
        allow("site", self.site, is_site, "a name in ASCII")
        allow_number("offset_hours", self.offset_hours, -14, 14)
        allow_number("most_age_seconds", self.most_age_seconds, 0, 1e9)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 20)


def run(params: HttpParams, means: Means) -> list[Observation]:
    """Ask for the page and read it; a redirect is an answer and is not followed."""
    started_at = means.monotonic()
    context = trusting_context() if params.is_tls else None
    address = Address(params.address, params.port, context, params.site)
    asking = Connection(address, left_of(params.limit_seconds, means.monotonic))
    headers = {"User-Agent": "wanwatch", "Connection": "close", **_authorization(params, means)}
    with closing(asking):
        try:
            asking.open()
            came = asking.get(params.path, headers, MOST_BODY_BYTES)
        except BadAnswer:
            return list(answered(NAME, params.target, Answer.GARBAGE))
        except OSError as error:
            what = f"ask {params.address} TCP port {params.port} for a page"
            return list(answered(NAME, params.target, answer_of_tls(error, what)))
    seconds = means.monotonic() - started_at
    has_content, made_at = read_page(params, came)
    age = None if made_at is None else max(0.0, means.now() - made_at)
    answer = judge(params, came.status, has_content, age)
    return [
        *answered(NAME, params.target, answer, seconds),
        *_observe(params, came, has_content, age),
    ]


def read_page(params: HttpParams, came: Response) -> tuple[bool, float | None]:
    """Return whether the page has what it must, and of when its data is (Unix seconds)."""
    text = came.body.decode("utf-8", "replace")
    made_at = None
    if params.last_modified:
        made_at = http_date(came.headers.get("last-modified", ""))
    elif params.age_after:
        made_at = instant_after(text, params.age_after, params.offset_hours)
    return params.contains in text, made_at


def judge(params: HttpParams, status: int, has_content: bool, age: float | None) -> Answer:
    """Return what an answer means; an age that must be there and is not is the wrong content."""
    if status >= 500:
        return Answer.OUT_OF_SERVICE
    if status in DENIED:
        return Answer.DENIED
    is_young = not params.most_age_seconds or (age is not None and age <= params.most_age_seconds)
    must_tell = params.last_modified or params.age_after
    is_expected = has_content and is_young and not (must_tell and age is None)
    return Answer.RIGHT if is_expected else Answer.WRONG_CONTENT


def _authorization(params: HttpParams, means: Means) -> dict[str, str]:
    if not params.credentials:
        return {}
    known = means.credentials.get(params.credentials)
    if known is None:
        raise SourceError(
            f"ask {params.address} for a page: no credentials named {params.credentials!r} on this "
            "agent. Nothing was sent"
        )
    packed = base64.b64encode(known.encode("utf-8")).decode("ascii")
    return {"Authorization": f"Basic {packed}"}


def _observe(
    params: HttpParams, came: Response, has_content: bool, age: float | None
) -> Iterator[Observation]:
    labels = {"target": params.target}
    yield Observation("wanwatch_http_status_code", labels, came.status)
    yield Observation("wanwatch_http_body_bytes", labels, min(len(came.body), MOST_BODY_BYTES))
    if params.contains:
        yield Observation("wanwatch_http_content_matches", labels, int(has_content))
    if age is not None:
        yield Observation("wanwatch_http_data_age_seconds", labels, round(age, 1))


PROBE = Probe(
    NAME,
    every_seconds=60,
    limit_seconds=5,
    params=HttpParams,
    metrics=(
        "wanwatch_http_status_code",
        "wanwatch_http_body_bytes",
        "wanwatch_http_content_matches",
        "wanwatch_http_data_age_seconds",
    ),
    most_series=7,
    run=run,
)
