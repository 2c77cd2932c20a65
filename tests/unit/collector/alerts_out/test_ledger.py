"""What Alertmanagers are told of what fires and what ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from collector.alerts_out.ledger import Followed, Sent, follow

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DISK = Sent("f1", (("alertname", "Disk"),), (("summary", "x"),), "", NOW)
MINUTE = timedelta(minutes=1)


def test_end_is_told_for_a_quarter_of_an_hour_and_then_forgotten() -> None:
    """New, ended, forgotten; what fires again within that time is told to fire."""
    assert follow({}, [DISK], NOW) == Followed((DISK,), ())
    assert follow({"f1": DISK}, [DISK], NOW) == Followed((), ())
    ended = replace(DISK, ends_at=NOW + MINUTE)
    assert follow({"f1": DISK}, [], NOW + MINUTE) == Followed((ended,), ())
    assert follow({"f1": ended}, [], NOW + 15 * MINUTE) == Followed((), ())
    assert follow({"f1": ended}, [DISK], NOW + 5 * MINUTE) == Followed((DISK,), ())
    assert follow({"f1": ended}, [], NOW + 17 * MINUTE) == Followed((), ("f1",))


def test_what_fires_ends_by_itself_when_nobody_says_it_again() -> None:
    """Four pauses ahead; an end stays where it is."""
    said = DISK.body(NOW, MINUTE)
    assert said["endsAt"] == (NOW + 4 * MINUTE).isoformat()
    ended = replace(DISK, ends_at=NOW)
    assert ended.body(NOW + 9 * MINUTE, MINUTE)["endsAt"] == NOW.isoformat()


def test_other_annotations_are_told_and_are_no_other_alert() -> None:
    """Words may change, labels may not."""
    again = replace(DISK, annotations=(("summary", "y"),))
    assert follow({"f1": DISK}, [again], NOW) == Followed((again,), ())
