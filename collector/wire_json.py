"""The envelope and the JSON of a report: one bounded gzip member, no name twice, plain labels."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from agents.report import MAX_COMPRESSED_BYTES, MAX_UNPACKED_BYTES
from collector.wire_text import check_words

MAX_LABELS = 20
LABEL_NAME = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,119}")
_EMPTY = b"{}"
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_SAMPLES = b'"samples":'
_TOP_NAMES = tuple(
    f'"{name}"'.encode()
    for name in (
        *("v", "agent", "boot", "seq", "oldest", "state"),
        *("sent_at", "samples", "events", "sections"),
    )
)

Labels = tuple[tuple[str, str], ...]


class RejectedReport(Exception):
    """A report that will never be accepted: the agent must not send it again."""

    def __init__(self, status: int, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.status, self.field, self.reason = status, field, reason


def unpack(body: bytes) -> bytes:
    """Return the JSON text of a gzip body without ever holding more than the limit.

    Raises:
        RejectedReport: 413 when it is too large, 422 when it is not one whole gzip member.
    """
    if len(body) > MAX_COMPRESSED_BYTES:
        raise RejectedReport(413, "body", f"{len(body)} bytes; at most {MAX_COMPRESSED_BYTES}")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(body, MAX_UNPACKED_BYTES + 1)
    except zlib.error as error:
        raise RejectedReport(422, "body", f"not gzip: {error}") from error
    if len(text) > MAX_UNPACKED_BYTES:
        raise RejectedReport(413, "body", f"more than {MAX_UNPACKED_BYTES} bytes unpacked")
    if not unpacker.eof:
        raise RejectedReport(422, "body", "the gzip data ends too early")
    if unpacker.unused_data:
        raise RejectedReport(422, "body", "bytes follow the gzip data")
    return text


def read_labels(raw: bytes, field: str = "labels") -> Labels:
    """Return the labels in a JSON object, sorted by name.

    Raises:
        RejectedReport: 422: not an object of text, a name twice, or a name or value out of form.
    """
    if raw == _EMPTY:
        return ()
    return check_labels(strict_json(raw, field), field)


def check_labels(labels: object, field: str) -> Labels:
    """Return labels sorted by name.

    Raises:
        RejectedReport: 422: not text, too many, or a name or value out of form.
    """
    if not isinstance(labels, dict):
        raise RejectedReport(422, field, "must be an object")
    if len(labels) > MAX_LABELS:
        raise RejectedReport(422, field, f"{len(labels)} labels; at most {MAX_LABELS}")
    for name, value in labels.items():
        if LABEL_NAME.fullmatch(name) is None:
            raise RejectedReport(422, field, f"{name[:60]!r} is not a label name")
        if not isinstance(value, str):
            raise RejectedReport(422, f"{field}.{name}", "must be text")
        if (reason := check_words(value)) is not None:
            raise RejectedReport(422, f"{field}.{name}", reason)
    return tuple(sorted(labels.items()))


def refuse_repeated_names(text: bytes, samples: bytes) -> None:
    """The decoder lets the last of two equal names win; where two are possible, look closely.

    `samples` is the value of that name, in which no name of the report itself can stand.
    """
    start = text.find(_SAMPLES) + len(_SAMPLES)
    end = start + len(samples)
    rest = text[:start] + text[end:] if text[start:end] == samples else text
    if b"\\u" in rest or any(rest.count(name) > 1 for name in _TOP_NAMES):
        strict_json(text, "body")


def strict_json(text: bytes, field: str) -> Any:
    """Parse JSON and refuse what readers understand differently.

    That is: names twice, NaN, infinity, and halves of characters.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise RejectedReport(422, field, f"the name {twice[:60]!r} occurs twice")
        return result

    def refuse(constant: str) -> Any:
        raise RejectedReport(422, field, f"{constant} is not a JSON number")

    try:
        value = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise RejectedReport(422, field, f"not JSON: {str(error)[:120]}") from error
    if _HALF.search(text) is not None:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise RejectedReport(422, field, "holds half a character (a surrogate)") from error
    return value
