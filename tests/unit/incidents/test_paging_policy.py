"""`channels.yaml`: what is read, what is refused, and how delivery waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.channels import load_policy
from incidents.outbox import DeliveryError, Message, no_longer_wanted, outcome, pause
from incidents.paging_policy import DeliveryPolicy, PagingPolicy
from incidents.yaml_lines import InvalidDocument
from tests.builders import CHANNELS, T0, policy


def test_policy_reads_channels_recipients_and_intervals() -> None:
    """Defaults stand in for what is not said; one more row is one more recipient."""
    read = policy()

    assert [r.name for r in read.wanting("S1")] == ["Trực ca", "Lãnh đạo"]
    assert [r.name for r in read.wanting("S4")] == ["Trực ca"]
    assert read.repeat["S4"] == timedelta(hours=4)
    assert read.fired_again_after == timedelta(minutes=10)


def test_an_empty_policy_tells_nobody() -> None:
    """A fresh installation has only its console."""
    assert policy("").model_dump() == PagingPolicy().model_dump()
    assert policy("").wanting("S1") == ()


@pytest.mark.parametrize(
    ("right", "wrong", "line", "message"),
    [
        ("channel: hook,", "channel: hok,", 7, "'hok' is not defined under channels"),
        ("truc@example.vn", "truc", 6, "needs an address name@host"),
        ("truc@example.vn", '"truc@example.vn\\r\\nBcc: x@y"', 6, "one line"),
        ("S1: 5m", "S1: 5", 8, "allowed is a number and its unit"),
        ("S1: 5m, ", "", 8, "S1 is missing"),
        ("[S1, S2]", "[S1, S5]", 7, "'S5' given; allowed: 'S1', 'S2', 'S3' or 'S4'"),
        ("name: Lãnh đạo, channel: hook", "name: Trực ca, channel: mail", 7, "named twice"),
        ("kind: webhook", "kind: carrier-pigeon", 4, "'carrier-pigeon'"),
        ("port: 25", "port: 99999", 3, "99999 given"),
        ("from: wanwatch@example.vn", "from: wanwatch", 3, "one mail address"),
        ("http://127.0.0.1:9000/hook", "ftp://127.0.0.1", 4, "should match pattern"),
        ("[S1, S2, S3, S4]}\n  - {name: Lãnh đạo", "[S3]}\n  - {name: X", 5, "nobody is told"),
    ],
)
def test_a_mistake_in_the_policy_names_its_line(
    right: str, wrong: str, line: int, message: str
) -> None:
    """File, line, field, what was given and what is allowed."""
    text = CHANNELS.replace(right, wrong)
    if "nobody" in message:
        text = text.replace("[S1, S2]", "[S2]")

    with pytest.raises(InvalidDocument) as caught:
        load_policy(text, file="channels.yaml")

    found = [p for p in caught.value.problems if message in p.message_en]
    assert found, [str(p) for p in caught.value.problems]
    assert (found[0].file, found[0].line) == ("channels.yaml", line)


def test_pauses_double_to_the_longest_and_spread() -> None:
    """5, 10, 20 … 600 seconds; jitter takes at most half away."""
    rules = DeliveryPolicy()
    full = [pause(n, rules, 1.0).total_seconds() for n in range(1, 10)]

    assert full == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert pause(3, rules, 0.0) == timedelta(seconds=10)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_is_never_zero_and_never_too_long(attempts: int, jitter: float) -> None:
    """Whatever the number of attempts."""
    rules = DeliveryPolicy()

    assert rules.first_pause / 2 <= pause(attempts, rules, jitter) <= rules.longest_pause


def message(attempts: int, *, repeated: bool = False) -> Message:
    return Message(
        1, "mail", "a", "a@b", "page", "first", "S1", "SC26-0001", "m", "s", "b", T0, attempts,
        repeated,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("attempts", "error", "status", "repeated"),
    [
        (1, None, "sent", False),
        (1, DeliveryError("x", retryable=True), "pending", False),
        (1, DeliveryError("x", retryable=True, ambiguous=True), "pending", True),
        (1, DeliveryError("x", retryable=False), "failed", False),
        (12, DeliveryError("x", retryable=True), "failed", False),
    ],
)
def test_an_attempt_leads_to_one_outcome(
    attempts: int, error: DeliveryError | None, status: str, repeated: bool
) -> None:
    """Sent, tried again, or given up; what may have arrived is marked from then on."""
    done = outcome(message(attempts), error, DeliveryPolicy(), T0, 1.0)

    assert (done.status, done.repeated) == (status, repeated)


LATER = T0 + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "reason", "acknowledged", "ended", "newer", "why"),
    [
        ("page", "first", None, False, False, None),
        ("page", "first", LATER, False, False, "acknowledged"),
        ("page", "new_unit", LATER, False, False, "acknowledged"),
        ("page", "new_unit", T0 - timedelta(1), False, False, None),
        ("page", "repeat", None, False, True, "superseded"),
        ("page", "first", None, False, True, None),
        ("page", "first", None, True, False, "ended"),
        ("notice", "recovered", LATER, True, True, None),
    ],
)
def test_a_message_that_nobody_needs_is_cancelled(
    kind: str, reason: str, acknowledged: object, ended: bool, newer: bool, why: str | None
) -> None:
    """Acknowledged or ended meanwhile, or an old repeat behind a newer page; notices stay."""
    assert (
        no_longer_wanted(
            kind=kind,
            reason=reason,
            created_at=T0,
            acknowledged_at=acknowledged,  # type: ignore[arg-type]
            ended=ended,
            newer_waits=newer,
        )
        == why
    )
