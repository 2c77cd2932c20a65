"""The bytes of a DNS question and what an answer says. Source: RFC 1035 section 4, RFC 3596."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from agents.answer import Answer

KINDS = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "AAAA": 28}
_NAMES = {number: name for name, number in KINDS.items()}
IN, RECURSION_DESIRED, IS_ANSWER, IS_CUT = 1, 0x0100, 0x8000, 0x0200
NO_ERROR, SERVER_FAILED, NO_SUCH_NAME, REFUSED = 0, 2, 3, 5
MOST_LABEL_BYTES, MOST_NAME_BYTES, MOST_JUMPS, MOST_RECORDS = 63, 253, 20, 100
_HEAD = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")


class NotDns(ValueError):
    """The bytes are no answer to the question; the text says why."""


class Reply(NamedTuple):
    """What a server said: its code, and of each record of the answer kind and value in text."""

    code: int
    is_cut: bool
    records: tuple[tuple[str, str], ...]


def is_name(name: str) -> bool:
    """Say whether a name can be asked for."""
    labels = name.rstrip(".").split(".")
    is_short = len(name) <= MOST_NAME_BYTES and name.isascii()
    return is_short and all(0 < len(label) <= MOST_LABEL_BYTES for label in labels)


def question(number: int, name: str, kind: str) -> bytes:
    """Return a question of this number for one kind of record, to be looked up elsewhere, too."""
    labels = name.rstrip(".").encode("ascii").split(b".")
    packed = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    head = _HEAD.pack(number, RECURSION_DESIRED, 1, 0, 0, 0)
    return head + packed + struct.pack("!HH", KINDS[kind], IN)


def read_reply(data: bytes, asked: bytes) -> Reply:
    """Return what an answer to the question `asked` says.

    Raises:
        NotDns: It is cut off, answers another question, or runs in circles.
    """
    try:
        number, flags, questions, answers, _, _ = _HEAD.unpack_from(data)
        if number != _HEAD.unpack_from(asked)[0] or not flags & IS_ANSWER or questions != 1:
            raise NotDns("not an answer to this question")
        end = len(asked)
        # Names are the same in capitals and small letters.
        if data[_HEAD.size : end].lower() != asked[_HEAD.size :].lower():
            raise NotDns("the answer to another question")
        records = []
        for _ in range(min(answers, MOST_RECORDS)):
            record, end = _record(data, end)
            records.append(record)
    except (struct.error, IndexError) as error:
        raise NotDns(f"cut off: {error}") from error
    return Reply(flags & 0xF, bool(flags & IS_CUT), tuple(records))


def judge(reply: Reply, expected: str) -> Answer:
    """Return what it means; `expected` must be the value of a record, empty for any record."""
    by_code = {SERVER_FAILED: Answer.OUT_OF_SERVICE, REFUSED: Answer.DENIED}
    if reply.code in by_code:
        return by_code[reply.code]
    values = [value for _, value in reply.records]
    wanted = expected.rstrip(".").lower()
    is_right = wanted in values if wanted else bool(values)
    return Answer.RIGHT if reply.code == NO_ERROR and is_right else Answer.WRONG_CONTENT


def _record(data: bytes, start: int) -> tuple[tuple[str, str], int]:
    _, start = _name(data, start)
    kind, _, _, length = _RECORD.unpack_from(data, start)
    start += _RECORD.size
    end = start + length
    if end > len(data):
        raise NotDns("a record is longer than the answer")
    name = _NAMES.get(kind, str(kind))
    return (name, _value(data, name, start, end)), end


def _value(data: bytes, kind: str, start: int, end: int) -> str:
    if kind == "A" and end - start == 4:
        return str(IPv4Address(data[start:end]))
    if kind == "AAAA" and end - start == 16:
        return str(IPv6Address(data[start:end]))
    if kind in ("NS", "CNAME", "PTR"):
        return _name(data, start)[0]
    if kind == "MX":
        return _name(data, start + 2)[0]
    return data[start:end].hex()


def _name(data: bytes, start: int) -> tuple[str, int]:
    """Return a name in small letters and where it ends; parts of it may stand elsewhere."""
    labels: list[str] = []
    end = 0
    for _ in range(MOST_JUMPS + MOST_NAME_BYTES):
        length = data[start]
        if length & 0xC0 == 0xC0:
            end = end or start + 2
            start = (length & 0x3F) << 8 | data[start + 1]
        elif length > MOST_LABEL_BYTES:
            raise NotDns(f"a label of kind {length >> 6}")
        elif length == 0:
            return ".".join(labels), end or start + 1
        else:
            label = data[start + 1 : start + 1 + length]
            labels.append(label.decode("ascii", "backslashreplace").lower())
            start += 1 + length
    raise NotDns("a name that runs in circles")
