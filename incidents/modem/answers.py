"""Lines that a modem says → what they mean: final results, values, what it says unasked.

Source: 3GPP TS 27.007 (V.250 results, +CREG, +CSQ, +CPIN, +COPS, +CLCC), TS 27.005 (+CMGS, +CMGL,
+CMTI, +CPMS).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

OK = "OK"
# They end a dialled call as well as the command that dials.
CALL_ENDS = ("NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE")
_ERROR = re.compile(r"\+(CM[ES]) ERROR: ?(.*)")
_FIELD = re.compile(r'"([^"]*)"|([^,]+)|(?<=,)(?=,|$)')
RING = "RING"
NEW_MESSAGE = "+CMTI:"
NEW_REPORT = "+CDS:"


class Failure(NamedTuple):
    """How a modem refuses: `family` is "CMS" (messages), "CME" (equipment) or "" without a code."""

    family: Literal["CMS", "CME", ""]
    code: int | None = None
    text: str = ""


class Signal(NamedTuple):
    """What +CSQ says; dBm is None where the modem does not know."""

    bars: int
    dbm: int | None


class Call(NamedTuple):
    """One call of +CLCC: `is_outgoing`, its state of TS 27.007 section 7.18."""

    is_outgoing: bool
    state: int
    number: str


class Listed(NamedTuple):
    """One message of +CMGL in PDU mode."""

    place: int
    pdu: str


class Space(NamedTuple):
    """How many messages the store holds, and how many it could."""

    used: int
    total: int


@dataclass(frozen=True, slots=True)
class Registration:
    """What +CREG says.

    Source: TS 27.007 section 7.2: 1 home, 5 roaming, 2 searching, 3 denied, 6 and 7 SMS only.
    """

    status: int

    @property
    def is_registered(self) -> bool:
        """Messages can leave."""
        return self.status in (1, 5, 6, 7)

    @property
    def words(self) -> tuple[str, str]:
        """What it means, Vietnamese and English."""
        return _REGISTRATION.get(self.status, ("không rõ", "unknown"))


_REGISTRATION = {
    0: ("chưa đăng ký mạng và không tìm", "not registered, not searching"),
    1: ("đã đăng ký mạng", "registered"),
    2: ("đang tìm mạng", "searching"),
    3: ("nhà mạng từ chối SIM", "denied by the network"),
    5: ("đã đăng ký (chuyển vùng)", "registered, roaming"),
    6: ("đã đăng ký, chỉ tin nhắn", "registered for messages only"),
    7: ("đã đăng ký, chỉ tin nhắn (chuyển vùng)", "registered for messages only, roaming"),
}


def failure(line: str, *, dials: bool = False) -> Failure | None:
    """Return how a line ends a command badly; None: it does not."""
    if line == "ERROR" or (dials and line in CALL_ENDS):
        return Failure("", None, line)
    found = _ERROR.fullmatch(line)
    if found is None:
        return None
    family: Literal["CMS", "CME"] = "CMS" if found[1] == "CMS" else "CME"
    return Failure(family, int(found[2]) if found[2].isdecimal() else None, found[2])


def values(line: str) -> list[str]:
    """Return the fields behind the colon of an answer, without quotes."""
    rest = line.partition(":")[2].strip()
    return [found[1] or (found[2] or "").strip() for found in _FIELD.finditer(rest)]


def number_in(line: str, place: int) -> int:
    """Return a field as a number; -1 where it is missing or none."""
    fields = values(line)
    text = fields[place] if place < len(fields) else ""
    return int(text) if re.fullmatch(r"[0-9]+", text) else -1


def registration(lines: list[str]) -> Registration:
    """Return what AT+CREG? says: mode, then status."""
    return Registration(number_in(lines[0], 1) if lines else -1)


def signal(lines: list[str]) -> Signal:
    """Return what AT+CSQ says. Source: TS 27.007 section 8.5: 0 is -113 dBm, 31 -51, 99 unknown."""
    rssi = number_in(lines[0], 0) if lines else -1
    if not 0 <= rssi <= 31:
        return Signal(0, None)
    return Signal(min(5, 1 + rssi // 6) if rssi else 0, 2 * rssi - 113)


def operator(lines: list[str]) -> str:
    """Return the network's name of AT+COPS?, empty where there is none."""
    fields = values(lines[0]) if lines else []
    return fields[2] if len(fields) > 2 else ""


def sim_state(lines: list[str]) -> str:
    """Return what AT+CPIN? says: READY, SIM PIN, SIM PUK …"""
    return lines[0].partition(":")[2].strip() if lines else ""


def space(lines: list[str]) -> Space:
    """Return what AT+CPMS? says of the first store: name, used, total."""
    return Space(number_in(lines[0], 1), number_in(lines[0], 2)) if lines else Space(-1, -1)


def listed(lines: list[str]) -> list[Listed]:
    """Return what AT+CMGL lists: a line of fields, then the message; anything else is left out."""
    found = []
    for head, pdu in itertools.pairwise(lines):
        index = number_in(head, 0)
        if head.startswith("+CMGL:") and index >= 0 and is_hexadecimal(pdu):
            found.append(Listed(index, pdu))
    return found


def calls(lines: list[str]) -> list[Call]:
    """Return the calls of AT+CLCC: index, direction, state, mode, multiparty, number."""
    found = []
    for line in lines:
        fields = values(line)
        if len(fields) >= 3 and number_in(line, 2) >= 0:
            number = fields[5] if len(fields) > 5 else ""
            found.append(Call(fields[1] == "0", number_in(line, 2), number))
    return found


def is_hexadecimal(line: str) -> bool:
    """Say whether a line may be a message in PDU mode."""
    return re.fullmatch(r"(?:[0-9A-Fa-f]{2}){8,}", line) is not None
