"""What probes make of bytes: right ones are read, and no others raise anything unforeseen."""

from __future__ import annotations

import ipaddress
import socket
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import Answer
from agents.probes import (
    dns_message,
    icmp,
    ntp_packet,
    page,
    ras_message,
    sip_message,
    trace_error,
)
from agents.probes.dns_message import NotDns
from agents.probes.ras_message import Ras
from agents.probes.sip_message import NotSip, Options, Response

BYTES = st.binary(max_size=300)
OWN = ("10.0.0.1", 1719)
NUMBERS = st.text("#*,0123456789", min_size=1, max_size=128)
LABEL = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
NAMES = st.lists(LABEL, min_size=1, max_size=6).map(".".join)
LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)
ASKED = Options("10.0.0.2", 5060, "UDP", ("10.0.0.1", 4_000), "b1", "t1", "c1")


# H.323 RAS


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        ("1234", "48 00 00 04 01 01 80 45 67 00 0a 00 00 01 06 b7"),
        ("1", "48 00 00 04 01 00 00 40 0a 00 00 01 06 b7"),
        ("123", "48 00 00 04 01 01 00 45 60 0a 00 00 01 06 b7"),
        ("0987654321", "48 00 00 04 01 04 80 3c ba 98 76 54 00 0a 00 00 01 06 b7"),
        ("12345678901", "48 00 00 04 01 05 00 45 67 89 ab c3 40 0a 00 00 01 06 b7"),
    ],
)
def test_location_request_has_the_bytes_of_a_compiler(alias: str, expected: str) -> None:
    """As an ASN.1 compiler packs the same message."""
    assert ras_message.location_request(5, alias, OWN).hex(" ") == expected


def test_gatekeeper_request_has_the_bytes_of_a_compiler() -> None:
    """Twenty of them."""
    found = ras_message.gatekeeper_request(5, OWN)
    assert found.hex(" ") == "00 00 00 04 06 00 08 91 4a 00 04 00 0a 00 00 01 06 b7 02 00"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("04 00 12 34 06", Ras.GATEKEEPER), ("07 80 12 34", Ras.GATEKEEPER),
        ("08 00 12 34", Ras.GATEKEEPER_REJECT), ("4c 12 34 00 00", Ras.LOCATED),
        ("50 12 34", Ras.NOT_LOCATED), ("60 12 34", Ras.NOT_UNDERSTOOD),
        ("04 00 12 35", None), ("0c 00 12 34", None), ("", None), ("04", None), ("04 00", None),
    ],
)  # fmt: skip
def test_gatekeepers_answers_are_told_by_their_first_byte(data: str, expected: Ras | None) -> None:
    """And only with the number of the question in them."""
    assert ras_message.read_answer(bytes.fromhex(data), 0x1235) is expected


@given(NUMBERS, st.integers(1, 65_535))
def test_location_request_holds_each_digit(alias: str, seq: int) -> None:
    """Four bits each, whatever their number."""
    assert ras_message.is_number(alias)
    found = ras_message.location_request(seq, alias, OWN)
    digits = found[7:-6].hex()[: len(alias)]
    assert [int(one, 16) for one in digits] == ["#*,0123456789".index(one) for one in alias]
    assert found[2:4] == (seq - 1).to_bytes(2, "big")


@given(BYTES, st.integers(1, 65_535))
def test_any_bytes_are_a_gatekeepers_answer_or_none(data: bytes, seq: int) -> None:
    """Nothing raises."""
    ras_message.read_answer(data, seq)


# SIP


@given(BYTES)
def test_any_bytes_are_sip_or_not(data: bytes) -> None:
    """Nothing but NotSip is raised."""
    for given_bytes in (data, b"SIP/2.0 200 OK\r\n" + data):
        try:
            found = sip_message.read_response(given_bytes)
        except NotSip:
            continue
        assert 100 <= found.status < 700
        sip_message.is_answer_to(found, ASKED)
        assert found.retry_after_seconds is None or found.retry_after_seconds >= 0


@given(st.integers(100, 699), LINE, LINE)
def test_sip_answers_are_read(status: int, reason: str, server: str) -> None:
    """Status, reason and headers, short names and folded lines included."""
    head = f"SIP/2.0 {status} {reason}\r\ni: c1\r\nv: SIP/2.0/UDP x;\r\n branch=z9hG4bKb1;rport\r\n"
    found = sip_message.read_response(f"{head}Server: {server}\r\n\r\nbody".encode())
    assert (found.status, found.reason) == (status, reason)
    assert found.device == server.strip()
    assert sip_message.is_answer_to(found, ASKED) is (status >= 200)


def test_sip_request_has_what_a_request_needs() -> None:
    """Each header that RFC 3261 section 8.1.1 asks for, and no body."""
    text = sip_message.options(ASKED._replace(address="fd00::2", transport="TLS")).decode()
    assert text.startswith("OPTIONS sips:[fd00::2]:5060 SIP/2.0\r\n")
    assert text.endswith("Content-Length: 0\r\n\r\n")
    for name in ("Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "Accept"):
        assert f"\r\n{name}: " in text
    assert "branch=z9hG4bKb1;rport" in text


def test_the_first_of_two_headers_counts() -> None:
    """As the topmost Via is ours."""
    found = sip_message.read_response(b"SIP/2.0 200 OK\r\nVia: one\r\nVia: two\r\nno colon\r\n\r\n")
    assert found == Response(200, "OK", {"via": "one"})


# DNS


def packed(name: str) -> bytes:
    labels = name.split(".")
    return b"".join(bytes((len(one),)) + one.encode() for one in labels) + b"\0"


@given(BYTES, NAMES, st.sampled_from(list(dns_message.KINDS)))
def test_any_bytes_are_dns_or_not(data: bytes, name: str, kind: str) -> None:
    """Nothing but NotDns is raised, and names that run in circles come to an end."""
    asked = dns_message.question(7, name, kind)
    head = asked[:2] + b"\x81\x80\x00\x01\x00\x05\x00\x00\x00\x00" + asked[12:]
    for given_bytes in (data, head + data, head + b"\xc0\x0c" + data, head + b"\xc0" + data):
        try:
            found = dns_message.read_reply(given_bytes, asked)
        except NotDns:
            continue
        assert len(found.records) <= dns_message.MOST_RECORDS
        assert isinstance(dns_message.judge(found, ""), Answer)


@given(NAMES, st.ip_addresses(v=4))
def test_dns_answers_are_read(name: str, address: object) -> None:
    """An alias that points into the question, and the address it leads to."""
    asked = dns_message.question(7, name, "A")
    head = asked[:2] + b"\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00" + asked[12:].upper()
    alias = b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01w\xc0\x0c"
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + packed_address(str(address))
    found = dns_message.read_reply(head + alias + record, asked)
    assert found.records == (("CNAME", f"w.{name}"), ("A", str(address)))
    assert dns_message.judge(found, str(address)) is Answer.RIGHT
    assert dns_message.judge(found, f"W.{name}.") is Answer.RIGHT
    assert dns_message.judge(found, "192.0.2.999") is Answer.WRONG_CONTENT


def packed_address(text: str) -> bytes:
    return socket.inet_aton(text)


def test_a_question_of_somebody_else_is_not_answered() -> None:
    """Another number, another name, or a question itself."""
    asked = dns_message.question(7, "a.vn", "A")
    answer = asked[:2] + b"\x81\x80" + asked[4:]
    dns_message.read_reply(answer, asked)
    other = dns_message.question(7, "b.vn", "A")
    for wrong in (asked, b"\0\0" + answer[2:], other[:2] + b"\x81\x80" + other[4:]):
        with pytest.raises(NotDns):
            dns_message.read_reply(wrong, asked)


# NTP


@given(BYTES)
def test_any_bytes_are_ntp_or_none(data: bytes) -> None:
    """Only 48 bytes or more of a server, with our token in them, count."""
    for given_bytes in (data, b"\x24" + data):
        found = ntp_packet.read_answer(given_bytes, b"12345678")
        if found is not None:
            assert given_bytes[24:32] == b"12345678"
            ntp_packet.judge(found)


@given(st.floats(-5, 5), st.floats(0, 1), st.floats(0, 1))
def test_offset_is_half_the_difference(offset: float, there: float, back: float) -> None:
    """Exact where both ways take as long; never wrong by more than half of the difference."""
    asked_at = 1_790_000_000.0
    received = asked_at + there + offset
    clock = ntp_packet.Clock(0, 2, 0.01, received, received + 0.001)
    found, delay = ntp_packet.offset_and_delay(clock, asked_at, asked_at + there + 0.001 + back)
    assert delay == pytest.approx(there + back, abs=1e-5)
    assert abs(found - offset) <= abs(there - back) / 2 + 1e-5


# A page's age


AT = datetime(2026, 11, 26, 1, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cập nhật lúc 08:05 26/11/2026", AT), ("Cập nhật lúc: 26/11/2026 08:05:00", AT),
        ("Cập nhật lúc <b>2026-11-26T01:05:00Z</b>", AT),
        ("Cập nhật lúc 2026-11-26 08:05", AT), ("Cập nhật lúc 2026-11-26T08:05:00.5+07:00", AT),
        ("Cập nhật lúc 2026-11-25T20:05:00-05:00", AT), ("Cập nhật lúc 1795655100 s", 1795655100),
        ("Cập nhật lúc 31/02/2026 08:05", None), ("Cập nhật lúc", None), ("khác 1795655100", None),
        ("Cập nhật lúc " + " " * 300 + "26/11/2026 08:05", None),
        ("Cập nhật lúc 26/11/2026 08:05, trước đó 2026-01-01T00:00:00Z", AT),
    ],
)  # fmt: skip
def test_a_pages_instant_is_read(text: str, expected: float | None) -> None:
    """As written here, as standards write it, or in seconds; the first that follows counts."""
    assert page.instant_after(text, "Cập nhật lúc", 7.0) == expected


@given(st.text(), st.text(max_size=5), st.floats(-14, 14))
def test_any_text_has_an_instant_or_none(text: str, before: str, offset: float) -> None:
    """Nothing raises, whatever digits stand there."""
    for one in (text, f"{before}0000-00-00T99:99{text}", f"{before}9999-12-31T23:59-23:59"):
        page.instant_after(one, before, offset)
        page.http_date(one)


def test_http_dates_are_read() -> None:
    """The one form that is sent today; one that cannot be is none."""
    assert page.http_date("Thu, 26 Nov 2026 01:05:00 GMT") == AT
    assert page.http_date("Thu, 31 Feb 2026 01:05:00 GMT") is None


# ICMP


@given(BYTES, st.booleans(), st.sampled_from([socket.AF_INET, socket.AF_INET6]))
def test_any_bytes_are_an_echo_or_none(
    data: bytes, raw: bool, family: socket.AddressFamily
) -> None:
    """Nothing raises; only with our token in it."""
    seq = icmp.read_answer(family, data, b"12345678", raw=raw)
    assert seq is None or b"12345678" in data


@given(st.integers(0, 65_535), st.integers(16, 1_400))
def test_echoes_are_whole(seq: int, size: int) -> None:
    """As long as asked, and with its checksum the sum is nothing."""
    data = icmp.request(socket.AF_INET, seq, b"12345678", size)
    assert len(data) == icmp.HEAD_BYTES + size
    assert icmp.checksum(data) == 0
    answered = b"\x00" + data[1:]
    assert icmp.read_answer(socket.AF_INET, answered, b"12345678", raw=False) == seq
    with_head = b"\x45" + bytes(19) + answered
    assert icmp.read_answer(socket.AF_INET, with_head, b"12345678", raw=True) == seq


# Hops


@given(BYTES)
def test_any_bytes_are_the_end_of_a_packet_or_none(data: bytes) -> None:
    """Nothing raises."""
    trace_error.read_error(data)


@pytest.mark.parametrize(
    ("origin", "kind", "code", "expected"),
    [
        (2, 11, 0, (False, False)), (2, 3, 3, (True, False)), (2, 3, 1, (False, True)),
        (2, 3, 13, (False, True)), (2, 5, 0, None), (1, 11, 0, None),
        (3, 3, 0, (False, False)), (3, 1, 4, (True, False)), (3, 1, 1, (False, True)),
        (3, 2, 0, None),
    ],
)  # fmt: skip
def test_the_end_of_a_packet_is_read(
    origin: int, kind: int, code: int, expected: tuple[bool, bool] | None
) -> None:
    """Used up, arrived or stopped, and by whom; a redirect and our own errors are none of these."""
    address = "10.1.2.3" if origin == 2 else "fd00::3"
    packed_one = ipaddress.ip_address(address).packed
    sockaddr = bytes(4) + packed_one + bytes(8) if origin == 2 else bytes(8) + packed_one + bytes(4)
    data = struct.pack("@IBBBBII", 113, origin, kind, code, 0, 0, 0) + sockaddr
    found = trace_error.read_error(data)
    assert found == (None if expected is None else (address, *expected))
