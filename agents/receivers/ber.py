"""The few rules of BER that SNMP messages need: strict, bounded, without recursion.

Whoever reads goes by SNMP's own grammar, which is of a fixed depth, so no input nests deeper.
Source: X.690 section 8; RFC 3416 section 3 for the types of a value.
"""

from __future__ import annotations

from typing import NamedTuple

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
ADDRESS, COUNTER, GAUGE, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
_NUMBERS = frozenset({INTEGER, COUNTER, GAUGE, TICKS, COUNTER64})
_NOTHING = frozenset({NULL, 0x80, 0x81, 0x82})  # the last three: there is no such thing
MOST_INTEGER_BYTES = 9
MOST_OID_PARTS = 128  # RFC 2578 section 3.5
MOST_OID_PART = (1 << 32) - 1

Value = int | bytes | str | None


class NotBer(ValueError):
    """The bytes are not what the grammar asks for here; the text says what they are."""


class Varbind(NamedTuple):
    """One variable; a `str` is an OID or an IP address, `bytes` are octets as they came."""

    oid: str
    value: Value


class Reader:
    """Reads one element after the other between two places of a message.

    Attributes:
        at: Where the next element begins.
        end: Where the last one ends.
    """

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    @property
    def is_over(self) -> bool:
        """Say whether nothing follows."""
        return self.at >= self.end

    def peek(self) -> int:
        """Return the tag that comes next.

        Raises:
            NotBer: Nothing follows.
        """
        if self.is_over:
            raise NotBer("it ends where something must follow")
        return self.data[self.at]

    def enter(self, *tags: int) -> Reader:
        """Return a reader of the next element's content, and go on behind it.

        Raises:
            NotBer: It has another tag, or is longer than what is there.
        """
        tag = self.peek()
        if tag not in tags:
            raise NotBer(f"tag {tag:#04x} where {' or '.join(f'{one:#04x}' for one in tags)} goes")
        start, length = self._length(self.at + 1)
        if length > self.end - start:
            raise NotBer(f"{length} bytes announced and {self.end - start} there")
        self.at = start + length
        return Reader(self.data, start, self.at)

    def octets(self, *tags: int) -> bytes:
        """Return the content of the next element; octets unless other tags are given.

        Raises:
            NotBer: As for `enter`.
        """
        inner = self.enter(*(tags or (OCTETS,)))
        return self.data[inner.at : inner.end]

    def integer(self, *tags: int) -> int:
        """Return the next element as a number; those of SNMP's own types have no sign.

        Raises:
            NotBer: It is none, or longer than SNMP's longest.
        """
        tag = self.peek()
        content = self.octets(*(tags or (INTEGER,)))
        if not 0 < len(content) <= MOST_INTEGER_BYTES:
            raise NotBer(f"an integer of {len(content)} bytes")
        return int.from_bytes(content, "big", signed=tag == INTEGER)

    def oid(self) -> str:
        """Return the next element as an OID, such as `1.3.6.1`.

        Raises:
            NotBer: It is none, or longer than SNMP allows.
        """
        return read_oid(self.octets(OID))

    def value(self) -> Value:
        """Return the next element as the value of a variable.

        Raises:
            NotBer: It is of none of SNMP's types.
        """
        tag = self.peek()
        if tag in _NUMBERS:
            return self.integer(tag)
        if tag == OID:
            return self.oid()
        content = self.octets(tag)
        if tag == ADDRESS and len(content) == 4:
            return ".".join(map(str, content))
        if tag in (OCTETS, OPAQUE):
            return content
        if tag in _NOTHING and not content:
            return None
        raise NotBer(f"tag {tag:#04x} is no value")

    def _length(self, at: int) -> tuple[int, int]:
        """Return where the content begins and how long it is; no form without a length."""
        if at >= self.end:
            raise NotBer("a tag without a length")
        first = self.data[at]
        if first < 0x80:
            return at + 1, first
        size = first & 0x7F
        if not 0 < size <= 4 or at + 1 + size > self.end:
            raise NotBer(f"a length of {size} bytes")
        return at + 1 + size, int.from_bytes(self.data[at + 1 : at + 1 + size], "big")


def read_oid(content: bytes) -> str:
    """Return an OID from its content.

    Raises:
        NotBer: It is none.
    """
    if not content or content[-1] & 0x80:
        raise NotBer("an OID that breaks off")
    parts, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if number > MOST_OID_PART + 80:  # the first one holds two
            raise NotBer("an OID with a part beyond 32 bits")
        if not byte & 0x80:
            parts.append(number)
            number = 0
    if len(parts) >= MOST_OID_PARTS:
        raise NotBer(f"an OID of {len(parts) + 1} parts")
    first = min(parts[0] // 40, 2)
    return ".".join(map(str, (first, parts[0] - 40 * first, *parts[1:])))


def read_varbinds(reader: Reader, most: int) -> tuple[Varbind, ...]:
    """Return a list of variables.

    Raises:
        NotBer: It is none, or longer than `most`.
    """
    listed = reader.enter(SEQUENCE)
    found: list[Varbind] = []
    while not listed.is_over:
        if len(found) >= most:
            raise NotBer(f"more than {most} variables")
        one = listed.enter(SEQUENCE)
        found.append(Varbind(one.oid(), one.value()))
        if not one.is_over:
            raise NotBer("a variable with two values")
    return tuple(found)


def element(tag: int, *content: bytes) -> bytes:
    """Return an element of these parts."""
    whole = b"".join(content)
    if len(whole) < 0x80:
        return bytes((tag, len(whole))) + whole
    size = (len(whole).bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + len(whole).to_bytes(size, "big") + whole


def number(value: int, tag: int = INTEGER) -> bytes:
    """Return a number in as few bytes as it needs."""
    bits = (~value if value < 0 else value).bit_length()
    return element(tag, value.to_bytes(bits // 8 + 1, "big", signed=True))


def write_oid(dotted: str) -> bytes:
    """Return an OID as an element; it must be one."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for part in (first * 40 + second, *rest):
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(0x80 | part & 0x7F)
        content += bytes(reversed(groups))
    return element(OID, bytes(content))
