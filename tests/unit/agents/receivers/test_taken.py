"""What becomes of each message: an event, an answer, a number."""

from __future__ import annotations

from agents.receiver_checks import NOTES, SYSLOG, TRAPS, receiver_checks
from agents.receiver_settings import ReceiverSettings
from agents.receivers.ber import OCTETS, SEQUENCE, element, write_oid
from agents.receivers.syslog_taken import BELOW, MALFORMED, OVER_RATE, STRANGER, TAKEN
from agents.receivers.traps_taken import MOST_ENTERPRISES, enterprise_of
from agents.receivers.v3_engine import DENIED
from tests.probe_means import MEANS
from tests.receiver_parts import Heard, User, syslog_taken, traps_taken
from tests.unit.agents.receivers.test_notification import INFORM, message_v1, message_v2
from tests.unit.agents.receivers.test_v3 import Sender

NOW = MEANS.monotonic()


def series(found: list) -> dict[tuple[str, ...], float]:
    return {(one.name, *one.labels.values()): one.value for one in found}


def test_each_message_of_snmp_is_counted_by_what_became_of_it() -> None:
    """And none that was refused is answered or told."""
    heard = Heard()
    taken = traps_taken(heard, networks=["10.0.0.0/8"], per_minute=4)
    inform = message_v2("1.3.6.1.6.3.1.1.5.1", tag=INFORM)
    assert taken.take(inform, "10.0.0.1", 1_000.0, NOW) != b""
    assert taken.take(inform.replace(b"public", b"secret"), "10.0.0.1", 1_000.0, NOW) == b""
    assert taken.take(b"\x30\x01", "10.0.0.1", 1_000.0, NOW) == b""
    assert taken.take(Sender(User("x")).message(), "10.0.0.1", 1_000.0, NOW) == b""
    assert taken.take(inform, "10.0.0.1", 1_000.0, NOW) == b""
    assert taken.take(inform, "192.0.2.1", 1_000.0, NOW) == b""

    counts = {result: count for result, count in taken.messages.items() if count}
    assert counts == {TAKEN: 1, DENIED: 2, MALFORMED: 1, OVER_RATE: 1, STRANGER: 1}
    assert [(event.kind, event.at) for event in heard.events] == [("trap.start", 1_000.0)]
    assert heard.hints.take(NOW) == {"10.0.0.1"}
    assert series(taken.observe())["wanwatch_receiver_messages_total", "trap", DENIED] == 2


def test_what_nobody_knows_is_an_event_and_counted_by_its_maker() -> None:
    """Of more makers than are told apart the rest is one."""
    heard = Heard()
    taken = traps_taken(heard)
    for number in range(MOST_ENTERPRISES + 5):
        message = message_v1(6, 3, f"1.3.6.1.4.1.{50_000 + number}.7")
        taken.take(message, "127.0.0.1", 0.0, NOW)
    found = series(taken.observe())
    name = "wanwatch_receiver_unknown_traps_total"
    assert found[name, "1.3.6.1.4.1.50000"] == 1
    assert found[name, "others"] == 5
    assert len([key for key in found if key[0] == name]) == MOST_ENTERPRISES + 1
    assert heard.events[0].kind == "trap.unknown"
    assert heard.events[0].labels["oid"] == "1.3.6.1.4.1.50000.7.0.3"
    assert enterprise_of("1.3.6.1.2.1.14.16.2.4") == "1.3.6.1.2.1.14.16"


def test_a_resolution_says_how_long_it_was() -> None:
    """And the number of open problems falls."""
    heard = Heard()
    taken = traps_taken(heard)
    name = "wanwatch_receiver_open_problems"
    taken.take(message_v2("1.3.6.1.6.3.1.1.5.3"), "127.0.0.1", 0.0, NOW)
    assert series(taken.observe())[name, "trap"] == 1
    taken.take(message_v2("1.3.6.1.6.3.1.1.5.4"), "127.0.0.1", 75.0, NOW + 75)
    assert series(taken.observe())[name, "trap"] == 0
    assert heard.events[1].labels["open_seconds"] == "75"


def test_each_syslog_message_is_counted_by_what_became_of_it() -> None:
    """What is as severe as the setting says has reached it."""
    heard = Heard()
    taken = syslog_taken(heard, severity="warning", networks=["10.0.0.0/8"])
    for message in (b"<28>warning", b"<29>notice", b"no syslog"):
        taken.take(message, "10.0.0.1", 1_795_651_200.0, NOW)
    taken.take(b"<24>x", "192.0.2.1", 1_795_651_200.0, NOW)

    counts = {result: count for result, count in taken.messages.items() if count}
    assert counts == {TAKEN: 1, BELOW: 1, MALFORMED: 1, STRANGER: 1}
    assert [event.detail for event in heard.events] == ["warning"]


def test_an_instant_that_is_off_stands_before_the_text() -> None:
    """The event itself is of when it was heard: devices' clocks are wrong."""
    heard = Heard()
    taken = syslog_taken(heard)
    at = 1_795_651_200.0  # 2026-11-26T00:00:00Z
    taken.take(b"<24>1 2026-11-25T23:59:30Z a b - - - near", "127.0.0.1", at, NOW)
    taken.take(b"<24>1 2020-01-01T00:00:00Z a b - - - far", "127.0.0.1", at, NOW)
    assert [event.detail for event in heard.events] == ["near", "[2020-01-01T00:00:00Z] far"]
    assert [event.at for event in heard.events] == [at, at]


def test_nothing_is_heard_unless_the_settings_say_where() -> None:
    """Each port by itself."""
    heard = Heard()
    for settings, names in (
        (ReceiverSettings(), set()),
        (ReceiverSettings(trap_listen="127.0.0.1:162"), {TRAPS}),
        (ReceiverSettings("127.0.0.1:162", "127.0.0.1:514"), {TRAPS, SYSLOG}),
    ):
        assert set(receiver_checks(settings, MEANS, heard.tell, heard.hints.note)) == names


def test_our_identity_in_snmp_stays_and_its_starts_are_counted() -> None:
    """Senders of informs know us by it, and by how often we started."""
    heard = Heard()
    means = type(MEANS)(
        MEANS.now,
        MEANS.monotonic,
        MEANS.token,
        snmp_credentials={"u": User("u")},
    )
    settings = ReceiverSettings(trap_listen="127.0.0.1:162")
    found = []
    for _ in range(2):
        receiver_checks(settings, means, heard.tell, heard.hints.note)
        found.append(means.notes.of(NOTES))
    assert found[0]["engine"] == found[1]["engine"]
    assert [note["boots"] for note in found] == ["1", "2"]


def test_what_a_trap_says_of_people_is_hidden() -> None:
    """As in syslog: the device's words, without names and passwords."""
    heard = Heard()
    taken = traps_taken(heard)
    root = "1.3.6.1.4.1.13885.101"
    words = element(OCTETS, b"Login failed, user: anh password=1234")
    said = element(SEQUENCE, write_oid(f"{root}.1.99.6.0"), words)
    taken.take(message_v2(f"{root}.0.17", said), "127.0.0.1", 0.0, NOW)
    (event,) = heard.events
    assert event.kind == "trap.login"
    assert event.detail == "Login failed, user: … password=…"
