"""Messages in PDU mode: published vectors, and whatever goes in comes out."""

from __future__ import annotations

import contextlib
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.modem import address, gsm7, parts, pdu
from incidents.modem.pdu import Concatenation, Deliver, InvalidPduError, StatusReport
from tests.fake_modem import deliver, read_submit

NUMBER = "+84912345678"
HOUR = timedelta(hours=1)
texts = st.text(
    st.characters(codec="utf-16-be", exclude_categories=("Cs", "Cn", "Co")), max_size=700
)
gsm7_texts = st.text(
    st.sampled_from([c for c in gsm7.ALPHABET if c != "\x1b"] + list("^{}\\[~]|€"))
)


@pytest.mark.parametrize(
    ("raw", "number", "text", "sent_at"),
    [
        (
            "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
            "27838890001", "hellohello", datetime(2099, 3, 29, 13, 16, 59, tzinfo=UTC),
        ),
        (
            "07916407058099F9040B916407950303F100008921222140140004D4E2940A",
            "+46705930301", "TEST", datetime(2098, 12, 22, 2, 4, 41, tzinfo=UTC) + 10 * HOUR,
        ),
        (
            "0791227167830001040C912271271640910008906012024514001C002E004020AC00A300680065006C006C"  # noqa: ISC004
            "006F002000E900EC006B00F0",
            "+221772610419", ".@€£hello éìkð", None,
        ),
        (
            "00200A8110325476980008122182514023001A0043006800E0006F0020007400681EBF0020006700691EDB"  # noqa: ISC004
            "0069",
            "0123456789", "Chào thế giới", None,
        ),
    ],
)  # fmt: skip
def test_published_messages_are_read(
    raw: str, number: str, text: str, sent_at: datetime | None
) -> None:
    """Who sent it, what it says, and when the network took it."""
    found = pdu.read(raw)

    assert isinstance(found, Deliver)
    assert (found.number, found.text) == (number, text)
    assert sent_at is None or found.sent_at == sent_at


def test_published_part_of_a_long_message_knows_its_place() -> None:
    """The text begins after the header, on the boundary of a septet."""
    found = pdu.read(
        "0791448720003023440C91449703529096000050015132537240310500037A02025C4417D1D52422894EE5B1"
        "7824BA8EC423F1483C129BC725315464118FCDE011247C4A8B44"
    )

    assert isinstance(found, Deliver)
    assert found.concatenation == Concatenation(0x7A, 2, 2)
    assert found.number == "+447930250969"
    assert len(found.text) == 0x31 - 7
    assert found.text.isprintable()


def test_message_from_a_company_has_a_name_instead_of_a_number() -> None:
    """A published message whose sender is alphanumeric."""
    found = pdu.read(
        "07914477790706520414D06176198F0EE361F2321900005001610013334014C324350B9287D12079180D92A34"
        "16134480E"
    )

    assert isinstance(found, Deliver)
    assert not address.is_number(found.number)
    assert (found.number, found.text) == ("alexhax0red", "CITY rah rah rh ah r")


def test_published_submission_is_made() -> None:
    """The reference message to +46708251358, but for how long the network tries."""
    [part] = parts.cut("hellohello")
    made = pdu.submit("+46708251358", part, validity=HOUR)

    assert made == "0011000B916407281553F800000B0AE8329BFD4697D9EC37"
    assert pdu.length(made) == 23


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1),
        ("€" * 81, 2), ("ế" * 70, 1), ("ế" * 71, 2), ("ế" * 134, 2), ("ế" * 135, 3), ("", 1),
    ],
)  # fmt: skip
def test_number_of_parts_is_what_the_standard_says(text: str, count: int) -> None:
    """160 septets or 153 a part; 70 units with marks or 67 a part."""
    assert len(parts.cut(text)) == count


def test_parts_with_a_wide_reference_are_shorter_by_one_septet() -> None:
    """152 septets beside the longer header."""
    assert len(parts.cut("a" * 305, is_wide=True, reference=300)) == 3
    assert parts.cut("a" * 304, is_wide=True, reference=300)[0].octets[:7].hex() == "060804012c0201"


@given(texts, st.integers(0, 65535), st.booleans())
def test_any_text_arrives_as_it_was_written(text: str, reference: int, wide: bool) -> None:
    """Cut, made into messages, read by another reader, joined: composed, and nothing else."""
    found = [
        read_submit(pdu.submit(NUMBER, part, validity=HOUR))
        for part in parts.cut(text, reference=reference, is_wide=wide)
    ]

    assert {f.number for f in found} == {NUMBER}
    assert "".join(f.text for f in found) == unicodedata.normalize("NFC", text)
    assert all(f.octets <= 140 for f in found)


@given(texts.filter(lambda t: len(t) < 67), st.sampled_from(["+84912345678", "191", "+19"]))
def test_any_message_that_another_writer_made_is_read(text: str, number: str) -> None:
    """With marks and without, from long and short numbers."""
    found = pdu.read(deliver(number, text))

    assert isinstance(found, Deliver)
    assert (found.number, found.text) == (number, text)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_an_error_that_says_so(octets: bytes) -> None:
    """Nothing that a modem says ends the process."""
    with contextlib.suppress(InvalidPduError):
        assert isinstance(pdu.read(octets.hex()), Deliver | StatusReport)


@given(gsm7_texts)
def test_septets_come_back(text: str) -> None:
    """Each character of the alphabet and its extension."""
    codes = gsm7.encode(text)
    assert codes is not None
    septets = [s for pair in codes for s in pair]

    assert gsm7.decode(gsm7.unpack(gsm7.pack(septets), len(septets))) == text


def test_text_without_marks_is_in_the_alphabet() -> None:
    """A setting halves the parts: Vietnamese stays readable, nothing else is left over."""
    plain = gsm7.without_marks("MỚI · SC26-0001 · Đường truyền xã Ấm Hạ mất… “gấp” 雪")

    assert plain == 'MOI - SC26-0001 - Duong truyen xa Am Ha mat... "gap" ?'
    assert gsm7.encode(plain) is not None


def test_text_is_shortened_to_the_parts_that_are_allowed() -> None:
    """What does not fit ends with dots."""
    short = parts.shorten("Sự cố " * 100, 2)

    assert len(parts.cut(short)) == 2
    assert short.endswith("...")
    assert parts.shorten("ngắn", 2) == "ngắn"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912 345 678", NUMBER), ("+84 912.345.678", NUMBER), ("0084912345678", NUMBER),
        ("191", "191"), ("VIETTEL", "VIETTEL"), ("(0912)345-678", NUMBER),
        ("84912345678", NUMBER),
    ],
)  # fmt: skip
def test_number_is_the_same_however_it_is_written(written: str, number: str) -> None:
    """National, international, with spaces; short codes and names stay."""
    assert address.normal(written) == number


@pytest.mark.parametrize("number", ["", "+", "12", "+0912345678", "0912345678;+CMGD=1", "91a"])
def test_nothing_else_is_dialled(number: str) -> None:
    """A number goes into a command of the modem: digits and one plus, nothing more."""
    assert not address.is_number(number)
    with pytest.raises(ValueError, match="digits"):
        address.encode(number)


def test_receipt_says_what_became_of_a_message() -> None:
    """Delivered, still tried, given up. Source: TS 23.040 section 9.2.3.15."""
    raw = "0006{:02X}0B914819325476F8629021807561826290218085618200"
    found = pdu.read(raw.format(7))

    assert found == StatusReport(7, NUMBER, 0)
    assert found.is_delivered
    assert not StatusReport(7, NUMBER, 0x30).is_final
    assert StatusReport(7, NUMBER, 0x46).is_final
    assert not StatusReport(7, NUMBER, 0x46).is_delivered
