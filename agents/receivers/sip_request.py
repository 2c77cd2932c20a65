"""A request of SIP that comes unasked, and what is answered.

Sources: RFC 3261 sections 7, 8.2.6 and 18.2, RFC 3581.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_BYTES, MOST_HEADERS = 8_192, 100
_FIRST = re.compile(r"([A-Z]{1,16}) (\S{1,500}) SIP/2\.0", re.ASCII)
_SHORT = {
    "i": "call-id",
    "v": "via",
    "l": "content-length",
    "f": "from",
    "t": "to",
    "c": "content-type",
    "o": "event",
}
_COPIED = ("via", "from", "to", "call-id", "cseq")
_NAMES = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
_RPORT = re.compile(r";rport(?=;|$)", re.IGNORECASE)


class NotRequest(ValueError):
    """The bytes are no request; the text says why."""


class Request(NamedTuple):
    """A request; header names are in small letters, values as they came."""

    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def first(self, name: str) -> str:
        """Return the value of a header that stands once, or its first; empty: there is none."""
        return next((value for known, value in self.headers if known == name), "")


def read_request(data: bytes) -> Request:
    """Return a request.

    Raises:
        NotRequest: It is none, or too much of one, or nobody could be answered.
    """
    if len(data) > MOST_BYTES:
        raise NotRequest(f"{len(data)} bytes, more than {MOST_BYTES}")
    head, _, body = data.partition(b"\r\n\r\n")
    try:
        text = head.decode("utf-8").lstrip("\r\n")
    except UnicodeDecodeError as error:
        raise NotRequest("bytes that are no text") from error
    first, *rest = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")
    line = _FIRST.fullmatch(first)
    if line is None or len(rest) > MOST_HEADERS:
        raise NotRequest(f"not the first line of a request: {first[:60]!r}")
    headers = []
    for one in rest:
        name, colon, value = one.partition(":")
        name = name.strip().lower()
        if colon and value.isprintable():
            headers.append((_SHORT.get(name, name), value.strip()))
    request = Request(line[1], tuple(headers), body)
    if not all(request.first(name) for name in _COPIED):
        raise NotRequest("no way to answer it")
    length = request.first("content-length")
    if length.isdecimal() and len(length) < 6:
        request = request._replace(body=body[: int(length)])
    return request


def answer(request: Request, status: str, tag: str, peer: tuple[str, int], *more: str) -> bytes:
    """Return an answer: by the way that the request came, under its number.

    Args:
        status: Such as `200 OK`.
        peer: From where it came: the first Via tells, where its sender asks for it.
        more: Whole header lines.
    """
    lines = [f"SIP/2.0 {status}"]
    is_first = True
    for name, value in request.headers:
        if name not in _COPIED:
            continue
        if name == "via" and is_first:
            is_first = False
            value = _RPORT.sub(f";received={peer[0]};rport={peer[1]}", value, count=1)  # noqa: PLW2901
        elif name == "to" and ";tag=" not in value:
            value += f";tag={tag}"  # noqa: PLW2901
        lines.append(f"{_NAMES[name]}: {value}")
    return ("\r\n".join([*lines, *more, "Content-Length: 0"]) + "\r\n\r\n").encode()
