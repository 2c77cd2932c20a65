"""Syslog of both forms and of those that are neither; where a stream of it is cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.receivers.syslog_frames import BadStream, Frames
from agents.receivers.syslog_message import Message, NotSyslog, read
from agents.receivers.syslog_privacy import ABOUT_PEOPLE, HIDDEN, shown

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
AT = datetime(2026, 11, 26, 0, 12, 33, tzinfo=UTC)


def parsed(text: str, now: datetime = NOW) -> Message:
    return read(text.encode(), now, HANOI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '<165>1 2026-11-26T00:12:33.000003Z gw-1 event - ID47 [a@1 x="1" y="\\]\\""][b@2] Việt',
            Message("local4", 5, "gw-1", "event", "Việt", AT.replace(microsecond=3)),
        ),
        (
            "<34>1 2026-11-26T07:12:33+07:00 gw-1 su 77 - - \ufeffdown",
            Message("auth", 2, "gw-1", "su", "down", AT),
        ),
        ("<0>1 - - - - - -", Message("kernel", 0, "", "", "", None)),
        (
            "<28>Nov 26 07:12:33 gw-1 dhcpd[77]: no free leases",
            Message("daemon", 4, "gw-1", "dhcpd", "no free leases", AT),
        ),
        (
            "<189>29: *Nov 26 07:12:33.123: %LINK-3-UPDOWN: Interface Gi0/1, down",
            Message("local7", 5, "", "%LINK-3-UPDOWN", "Interface Gi0/1, down", AT),
        ),
        (
            "<188>Nov 26 2026 07:12:33 AR1 %%01IFNET/4/LINK_STATE(l)[1]:The line is DOWN",
            Message("local7", 4, "AR1", "", "%%01IFNET/4/LINK_STATE(l)[1]:The line is DOWN", AT),
        ),
        (
            "<30>2026-11-26T07:12:33+07:00 gw-1 kernel: eth0 down",
            Message("daemon", 6, "gw-1", "kernel", "eth0 down", AT),
        ),
        ("<11>codec: fan\x00", Message("user", 3, "", "codec", "fan", None)),
        ("<11>just words here\r\n", Message("user", 3, "", "", "just words here", None)),
        ("<11>", Message("user", 3, "", "", "", None)),
    ],
)
def test_what_devices_send_is_read(text: str, expected: Message) -> None:
    """The standards' forms, and those of makers who add to them."""
    assert parsed(text) == expected


@pytest.mark.parametrize("text", ["", "no priority", "<192>x", "<>x", "<1234>x", "<-1>x", "< 1>x"])
def test_what_begins_otherwise_is_none(text: str) -> None:
    """A priority goes from 0 to 191."""
    with pytest.raises(NotSyslog):
        parsed(text)


@pytest.mark.parametrize(
    ("stamp", "now", "expected"),
    [
        ("Dec 31 23:59:58", datetime(2026, 12, 31, 17, 5, tzinfo=UTC), 2026),
        ("Jan  1 00:00:02", datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), 2027),
        ("Feb 29 12:00:00", datetime(2027, 12, 1, tzinfo=UTC), 2028),
    ],
)
def test_a_stamp_without_a_year_is_of_the_nearest(stamp: str, now: datetime, expected: int) -> None:
    """On both sides of the New Year, and in leap years."""
    at = parsed(f"<11>{stamp} gw-1 x: y", now).at
    assert at is not None
    assert at.astimezone(HANOI).year == expected


@pytest.mark.parametrize("stamp", ["Feb 30 12:00:00", "Foo 10 12:00:00", "Nov 26 25:00:00"])
def test_a_stamp_that_cannot_be_is_left(stamp: str) -> None:
    """The rest of the message is read all the same."""
    found = parsed(f"<11>{stamp} gw-1 x: y")
    assert (found.at, found.host, found.app, found.text) == (None, "gw-1", "x", "y")


@given(st.binary(max_size=400), st.sampled_from([b"", b"<13>", b"<13>1 ", b"<13>Nov 26 07:12:33 "]))
def test_any_bytes_are_a_message_or_none(data: bytes, head: bytes) -> None:
    """Nothing else is raised, and fields are bounded."""
    try:
        found = read(head + data, NOW, HANOI)
    except NotSyslog:
        return
    assert len(found.host) <= 64
    assert len(found.app) <= 64
    assert len(found.text) <= 1_000
    assert len(shown(found.facility, found.text)) <= 300


def test_a_long_message_is_cut_and_takes_no_long_time() -> None:
    """Patterns see a bounded text and never go back over it twice."""
    for part in (b"[a@1 " + b'x="' * 3_000, b"a " * 5_000, b"\\" * 9_000, b"x@" * 5_000):
        found = read(b"<8>1 - - - - - " + part, NOW, HANOI)
        assert len(shown("daemon", found.text)) <= 300


@pytest.mark.parametrize("facility", sorted(ABOUT_PEOPLE))
def test_what_is_about_people_stays_at_the_site(facility: str) -> None:
    """Log-ins, mail, printing, what somebody runs: no text at all."""
    assert shown(facility, "Accepted password for anh.nguyen from 10.1.2.3") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Login failed [user: anh] [10.1.2.3]", f"Login failed [user: {HIDDEN}] [10.1.2.3]"),
        ("Failed password for root from 10.1.2.3", None),
        ("Configured from console by anh on vty0", f"Configured from console by {HIDDEN} on vty0"),
        ("community=s3cret accepted", f"community={HIDDEN} accepted"),
        ('password "two words" set', f"password {HIDDEN} set"),
        ("GET https://tintuc.example.vn/bai?x=1 blocked", f"GET {HIDDEN} blocked"),
        ("mail from anh@example.vn rejected", f"mail from {HIDDEN} rejected"),
        ("Interface Gi0/1, changed state to down", "Interface Gi0/1, changed state to down"),
    ],
)  # fmt: skip
def test_names_secrets_and_pages_are_hidden(text: str, expected: str | None) -> None:
    """What a device says of itself remains."""
    found = shown("local7", text)
    if expected is None:
        assert "root" not in found
    else:
        assert found == expected


@given(st.lists(st.binary(min_size=1, max_size=30)), st.data())
def test_counted_messages_come_back_however_they_are_cut(
    messages: list[bytes], data: st.DataObject
) -> None:
    """In one piece, or byte by byte."""
    stream = b"".join(b"%d %s" % (len(one), one) for one in messages)
    frames, found, at = Frames(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 40))
        found += frames.feed(stream[at : at + size])
        at += size
    assert found == messages


@given(st.binary(max_size=500))
def test_any_stream_is_cut_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    frames = Frames(most_bytes=100)
    try:
        assert all(0 < len(one) <= 100 for one in frames.feed(data))
    except BadStream:
        return


@pytest.mark.parametrize("stream", [b"99999 x", b"123456 x", b"1x ", b"<1>" + b"x" * 9_000])
def test_a_stream_without_an_end_is_refused(stream: bytes) -> None:
    """At once: no memory is spent on waiting for it."""
    with pytest.raises(BadStream):
        Frames().feed(stream)


def test_lines_and_counts_may_follow_one_another() -> None:
    """Empty lines are nothing."""
    assert Frames().feed(b"<1>a\n\n4 <2>b\n<3>c\r\n<4>") == [b"<1>a", b"<2>b", b"<3>c\r"]
