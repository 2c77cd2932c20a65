"""What notifications mean, and which one ends what another one began."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.receivers.ber import Varbind
from agents.receivers.meaning import Meaning, Pairs, Phase, meaning_of
from agents.receivers.notification import Notification
from agents.receivers.traps import KNOWN
from agents.receivers.traps_taken import event_of

if TYPE_CHECKING:
    from agents.receivers.ber import Value

GENERIC, POLY, UPS = "1.3.6.1.6.3.1.1.5", "1.3.6.1.4.1.13885.101", "1.3.6.1.2.1.33"


def said(kind: str, **_: object) -> Meaning | None:
    return meaning_of(Notification(kind, ()), KNOWN)


def told(kind: str, *varbinds: tuple[str, Value]) -> Meaning:
    found = meaning_of(Notification(kind, tuple(Varbind(*one) for one in varbinds)), KNOWN)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (f"{GENERIC}.1", ("start", Phase.INFO)),
        (f"{GENERIC}.2", ("start", Phase.INFO)),
        (f"{GENERIC}.3", ("link", Phase.PROBLEM)),
        (f"{GENERIC}.4", ("link", Phase.RESOLUTION)),
        (f"{GENERIC}.5", ("snmp_authentication", Phase.PROBLEM)),
        (f"{POLY}.0.72", ("sip_registration", Phase.PROBLEM)),
        (f"{POLY}.0.73", ("sip_registration", Phase.RESOLUTION)),
        (f"{POLY}.0.76", ("camera", Phase.PROBLEM)),
        (f"{POLY}.0.102", ("remote_battery", Phase.RESOLUTION)),
        (f"{POLY}.0.78", ("call_connected", Phase.INFO)),
        ("1.3.6.1.4.1.2684.1.1.0.33", ("call_loss", Phase.PROBLEM)),
        ("1.3.6.1.4.1.13885.1.1.0.7", ("help_wanted", Phase.INFO)),
        (f"{UPS}.2.1", ("ups_on_battery", Phase.PROBLEM)),
        (f"{UPS}.2.0.1", ("ups_on_battery", Phase.PROBLEM)),
        (f"{UPS}.2.4", ("ups_alarm", Phase.RESOLUTION)),
        ("1.3.6.1.4.1.318.0.5", ("ups_on_battery", Phase.PROBLEM)),
        ("1.3.6.1.4.1.318.0.9", ("ups_on_battery", Phase.RESOLUTION)),
    ],
)
def test_known_notifications_have_a_meaning(kind: str, expected: tuple[str, Phase]) -> None:
    """By the OID alone."""
    found = said(kind)
    assert found is not None
    assert (found.kind, found.phase) == expected


@pytest.mark.parametrize(
    "kind", [f"{POLY}.0.1", f"{POLY}.0", f"{GENERIC}.9", f"{UPS}.2.9", "1.3.6.1.4.1.9.9.41.2.0.1"]
)
def test_others_have_none(kind: str) -> None:
    """Nothing is guessed."""
    assert said(kind) is None


def test_a_link_says_which_interface_and_who_shut_it() -> None:
    """The device's short name for it comes first, its description last."""
    found = told(
        f"{GENERIC}.3",
        ("1.3.6.1.2.1.2.2.1.1.7", 7),
        ("1.3.6.1.2.1.2.2.1.7.7", 2),
        ("1.3.6.1.2.1.31.1.1.1.1.7", b"Gi0/7"),
        ("1.3.6.1.2.1.31.1.1.1.18.7", "đi huyện A".encode()),
    )
    assert found.labels == {"interface": "Gi0/7", "admin": "down"}
    assert (found.key, found.detail) == ("7", "đi huyện A")


@pytest.mark.parametrize("root", [f"{POLY}.99", f"{POLY}.1.99"])
@pytest.mark.parametrize("end", ["", ".0"])
def test_a_poly_trap_says_its_own_phase_and_key(root: str, end: str) -> None:
    """The device's word counts over the table's."""
    found = told(
        f"{POLY}.0.85",
        (f"{root}.3{end}", 2),
        (f"{root}.5{end}", b"call-4"),
        (f"{root}.6{end}", b"Packet loss\x00\nis over"),
        (f"{root}.7{end}", 4),
    )
    assert (found.kind, found.phase, found.key) == ("call_loss", Phase.RESOLUTION, "call-4")
    assert (found.detail, found.labels) == ("Packet loss is over", {"severity": "4"})


def test_an_alarm_of_a_ups_is_called_by_its_name() -> None:
    """One that is not of the standard by its OID."""
    row, alarm = f"{UPS}.1.6.2.1.1.5", f"{UPS}.1.6.2.1.2.5"
    known = told(f"{UPS}.2.3", (row, 5), (alarm, f"{UPS}.1.6.3.3"))
    own = told(f"{UPS}.2.3", (row, 5), (alarm, "1.3.6.1.4.1.9999.1"))
    assert (known.key, known.labels) == ("5", {"alarm": "low_battery"})
    assert own.labels == {"alarm": "1.3.6.1.4.1.9999.1"}
    assert told(f"{UPS}.2.3", (alarm, f"{UPS}.1.6.3.99")).labels["alarm"].endswith(".99")


def problem(key: str = "a") -> Meaning:
    return Meaning("call_loss", Phase.PROBLEM, key)


def resolution(key: str = "a") -> Meaning:
    return Meaning("call_loss", Phase.RESOLUTION, key)


def test_a_resolution_ends_the_problem_with_its_key() -> None:
    """Of the same device, and says for how long it was open; told again, it keeps its age."""
    pairs = Pairs()
    assert pairs.seconds("10.0.0.1", problem(), 100) is None
    assert pairs.seconds("10.0.0.1", problem("b"), 101) is None
    assert pairs.seconds("10.0.0.1", problem(), 110) == 10
    assert pairs.seconds("10.0.0.2", resolution(), 120) is None
    assert pairs.seconds("10.0.0.1", resolution(), 130) == 30
    assert pairs.seconds("10.0.0.1", resolution(), 131) is None
    assert len(pairs) == 1


def test_a_device_that_starts_has_nothing_open() -> None:
    """It tells anew what is wrong."""
    pairs = Pairs()
    pairs.seconds("10.0.0.1", problem(), 100)
    pairs.seconds("10.0.0.2", problem(), 100)
    pairs.seconds("10.0.0.1", Meaning("start", Phase.INFO), 101)
    assert len(pairs) == 1


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans())))
def test_what_is_remembered_is_bounded(steps: list[tuple[int, bool]]) -> None:
    """Whatever is told."""
    pairs = Pairs(most=10)
    for number, is_problem in steps:
        meaning = problem(str(number)) if is_problem else resolution(str(number))
        pairs.seconds("10.0.0.1", meaning, 0)
        assert len(pairs) <= 10


KINDS = st.sampled_from([root for traps in KNOWN for root in traps.roots])
VALUES = st.none() | st.integers() | st.binary(max_size=400) | st.just("1.3.6")
OIDS = st.sampled_from(
    [f"{UPS}.1.6.2.1.2", f"{UPS}.1.6.2.1.1.4", f"{POLY}.1.99.5", f"{POLY}.99.6.0", f"{POLY}.99.3",
     "1.3.6.1.2.1.2.2.1.1.4", "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.7.4"]
)  # fmt: skip


@given(KINDS, st.integers(0, 2**32), st.lists(st.tuples(OIDS, VALUES), max_size=8))
def test_any_values_make_an_event_that_fits(
    root: str, number: int, varbinds: list[tuple[str, Value]]
) -> None:
    """Labels and detail stay within what a report may hold, whatever a device puts in."""
    notification = Notification(f"{root}.{number}", tuple(Varbind(*one) for one in varbinds))
    found = meaning_of(notification, KNOWN)
    if found is None:
        return
    event = event_of(found, notification, "10.0.0.1", 0, 5)
    assert all(len(text) <= 120 and text.isprintable() for text in event.labels.values())
    assert len(event.detail) <= 300
    assert "\n" not in event.detail
