"""The text of a SIP OPTIONS and of its answer. Source: RFC 3261 sections 7, 11, 18 and 20."""

from __future__ import annotations

import re
from typing import NamedTuple

from agents.answer import Answer

MOST_BYTES = 64 << 10
COOKIE = "z9hG4bK"
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?", re.ASCII)
# RFC 3261 section 7.3.3.
_SHORT = {"i": "call-id", "v": "via", "l": "content-length", "f": "from", "t": "to"}
BUSY, DENIED = frozenset({486, 600}), frozenset({401, 403, 407})
UNREGISTERED, OUT_OF_SERVICE, TIMED_OUT = 480, 503, 408


class NotSip(ValueError):
    """The bytes are no answer of SIP; the text says why."""


class Options(NamedTuple):
    """A question; `transport` is UDP, TCP or TLS, and `own` our address and port."""

    address: str
    port: int
    transport: str
    own: tuple[str, int]
    branch: str
    tag: str
    call_id: str


class Response(NamedTuple):
    """An answer; of a header that comes twice the first counts."""

    status: int
    reason: str
    headers: dict[str, str]

    @property
    def device(self) -> str:
        """What the other side says of itself."""
        return self.headers.get("server") or self.headers.get("user-agent") or ""

    @property
    def retry_after_seconds(self) -> int | None:
        """After how long it wants to be asked again."""
        found = re.match(r"[0-9]{1,9}", self.headers.get("retry-after", ""), re.ASCII)
        return int(found[0]) if found else None


def options(asked: Options) -> bytes:
    """Return the request; never an INVITE: nothing rings."""
    host, own = _host(asked.address), f"{_host(asked.own[0])}:{asked.own[1]}"
    scheme = "sips" if asked.transport == "TLS" else "sip"
    lines = [
        f"OPTIONS {scheme}:{host}:{asked.port} SIP/2.0",
        f"Via: SIP/2.0/{asked.transport} {own};branch={COOKIE}{asked.branch};rport",
        "Max-Forwards: 70",
        f"From: <{scheme}:wanwatch@{own}>;tag={asked.tag}",
        f"To: <{scheme}:{host}:{asked.port}>",
        f"Call-ID: {asked.call_id}",
        "CSeq: 1 OPTIONS",
        f"Contact: <{scheme}:wanwatch@{own}>",
        "Accept: application/sdp",
        "User-Agent: wanwatch",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def read_response(data: bytes) -> Response:
    """Return an answer from its head.

    Raises:
        NotSip: It is none, or not one in UTF-8.
    """
    try:
        head = data.partition(b"\r\n\r\n")[0].decode("utf-8").lstrip("\r\n")
    except UnicodeDecodeError as error:
        raise NotSip("bytes that are no text") from error
    first, *rest = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    status = _STATUS.fullmatch(first)
    if status is None:
        raise NotSip(f"not a status line: {first[:60]!r}")
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon:
            headers.setdefault(_SHORT.get(name, name), value.strip())
    return Response(int(status[1]), status[2] or "", headers)


def is_answer_to(response: Response, asked: Options) -> bool:
    """Say whether it is final and of our question: same call, same branch."""
    is_ours = response.headers.get("call-id") == asked.call_id
    is_branch = f"branch={COOKIE}{asked.branch}" in response.headers.get("via", "")
    return is_ours and is_branch and response.status >= 200


def judge(response: Response) -> Answer:
    """Return what a final answer means: any of them says that the stack is alive but one.

    408 comes from a proxy on the way: whom we asked for did not answer it.
    """
    if response.status in BUSY:
        return Answer.BUSY
    if response.status in DENIED:
        return Answer.DENIED
    special = {
        UNREGISTERED: Answer.UNREGISTERED,
        OUT_OF_SERVICE: Answer.OUT_OF_SERVICE,
        TIMED_OUT: Answer.SILENT,
    }
    return special.get(response.status, Answer.RIGHT)


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
