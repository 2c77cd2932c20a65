"""Short messages as a modem takes and gives them in PDU mode.

Source: 3GPP TS 23.040, sections 9.2.2 (kinds), 9.2.3 (fields); TS 23.038, section 4 (coding).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from incidents.modem import address, gsm7

if TYPE_CHECKING:
    from incidents.modem.parts import Part

_DELIVER, _SUBMIT, _STATUS_REPORT = 0, 1, 2
_HAS_HEADER = 0x40
_WANTS_REPORT = 0x20
_RELATIVE_VALIDITY = 0x10
_SHORTEST_VALIDITY = timedelta(minutes=5)
_LONGEST_VALIDITY = timedelta(hours=12)


class InvalidPduError(ValueError):
    """What a modem gave is no short message; the text says where it stops making sense."""


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Which text a part belongs to, of how many parts, and its place from 1."""

    reference: int
    total: int
    place: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """A short message that came in.

    Attributes:
        sent_at: When the network took it, by the network's clock; None where it says nonsense.
        text: Empty for data that is no text.
    """

    number: str
    text: str
    sent_at: datetime | None
    concatenation: Concatenation | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What became of a message that left: the network's receipt."""

    reference: int
    number: str
    status: int

    @property
    def is_delivered(self) -> bool:
        """The telephone has it. Source: TS 23.040, section 9.2.3.15."""
        return self.status < 0x20

    @property
    def is_final(self) -> bool:
        """The network tries no more."""
        return self.is_delivered or self.status >= 0x40


def submit(number: str, part: Part, *, validity: timedelta, report: bool = False) -> str:
    """Return the message in hexadecimal, with the service centre of the SIM.

    Args:
        validity: How long the network tries, 5 minutes to 12 hours.
        report: Ask for a receipt.

    Raises:
        ValueError: The number cannot be called.
    """
    within = min(max(validity, _SHORTEST_VALIDITY), _LONGEST_VALIDITY)
    first = _SUBMIT | _RELATIVE_VALIDITY
    first |= (_HAS_HEADER if part.has_header else 0) | (_WANTS_REPORT if report else 0)
    head = bytes((0, first, 0)) + address.encode(number)
    tail = bytes((0, part.coding, within // _SHORTEST_VALIDITY - 1, part.length))
    return (head + tail + part.octets).hex().upper()


def length(pdu: str) -> int:
    """Return what AT+CMGS is told: the octets without those of the service centre.

    Source: 3GPP TS 27.005, section 4.3.
    """
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)


def read(pdu: str) -> Deliver | StatusReport:
    """Return what came in.

    Raises:
        InvalidPduError: It is cut off, no hexadecimal, or of a kind that does not come in.
    """
    try:
        octets = bytes.fromhex(pdu)
        reader = _Reader(octets[1 + octets[0] :])
        first = reader.take(1)[0]
        kind = first & 3
        if kind == _DELIVER:
            return _deliver(reader, has_header=bool(first & _HAS_HEADER))
        if kind == _STATUS_REPORT:
            reference = reader.take(1)[0]
            number = reader.address()
            reader.take(14)
            return StatusReport(reference, number, reader.take(1)[0])
    except (ValueError, IndexError) as error:
        raise InvalidPduError(f"a message of {len(pdu) // 2} octets: {error}") from None
    raise InvalidPduError(f"a message of kind {kind} does not come in")


class _Reader:
    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def take(self, count: int) -> bytes:
        if count > len(self._octets):
            raise ValueError("it ends too early")
        taken, self._octets = self._octets[:count], self._octets[count:]
        return taken

    def address(self) -> str:
        count, kind = self.take(2)
        return address.decode(count, kind, self.take((count + 1) // 2))

    def rest(self) -> bytes:
        return self._octets


def _deliver(reader: _Reader, *, has_header: bool) -> Deliver:
    number = reader.address()
    _, coding = reader.take(2)
    sent_at = _timestamp(reader.take(7))
    count = reader.take(1)[0]
    octets = reader.rest()
    header = octets[: 1 + octets[0]] if has_header and octets else b""
    return Deliver(number, _text(octets, count, coding, header), sent_at, _joined(header))


def _text(octets: bytes, count: int, coding: int, header: bytes) -> str:
    alphabet = _alphabet(coding)
    if alphabet == "gsm7":
        fill_bits = -8 * len(header) % 7
        before = (8 * len(header) + fill_bits) // 7
        return gsm7.decode(gsm7.unpack(octets[len(header) :], count - before, fill_bits=fill_bits))
    if alphabet == "ucs2":
        return octets[len(header) : count].decode("utf-16-be", "replace")
    return ""


def _alphabet(coding: int) -> str:
    """Return "gsm7", "ucs2", or "" for data and what is compressed."""
    group = coding >> 4
    if group < 0x8:
        is_compressed = coding & 0x20
        return "" if is_compressed else {0: "gsm7", 2: "ucs2"}.get(coding >> 2 & 3, "")
    if group == 0xF:
        return "" if coding & 0x04 else "gsm7"
    return "ucs2" if group == 0xE else "gsm7"


def _joined(header: bytes) -> Concatenation | None:
    rest = header[1:]
    while len(rest) >= 2 and len(rest) >= 2 + rest[1]:
        kind, value, rest = rest[0], rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        if (kind, len(value)) in ((0x00, 3), (0x08, 4)):
            total, place = value[-2:]
            if 0 < place <= total:
                return Concatenation(int.from_bytes(value[:-2]), total, place)
    return None


def _timestamp(octets: bytes) -> datetime | None:
    """Source: TS 23.040, section 9.2.3.11; the zone counts quarters of an hour, bit 3 is minus."""
    year, month, day, hour, minute, second = ((o & 15) * 10 + (o >> 4) for o in octets[:6])
    quarters = (octets[6] & 7) * 10 + (octets[6] >> 4)
    zone = timedelta(minutes=-15 * quarters if octets[6] & 8 else 15 * quarters)
    try:
        local = datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone(zone))
    except ValueError:
        return None
    return local.astimezone(UTC)
