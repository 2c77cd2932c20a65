"""The newest checkpoint on its way to agents: now and then, never with every answer."""

from __future__ import annotations

from collector.carrying import EVERY_SECONDS, Carrier


def test_each_agent_is_handed_the_newest_note_about_once_an_hour() -> None:
    """At its first report, then not again for an hour, then the one of then."""
    now = [0.0]
    carrier = Carrier("note 1", monotonic=lambda: now[0])
    assert carrier.of("a") == carrier.of("b") == {"checkpoint": "note 1"}
    now[0] = EVERY_SECONDS - 1
    carrier.note = "note 2"
    assert carrier.of("a") == {}
    now[0] = EVERY_SECONDS
    assert carrier.of("a") == {"checkpoint": "note 2"}


def test_nothing_is_handed_out_before_there_is_a_checkpoint() -> None:
    """And the first one does not wait for the hour."""
    carrier = Carrier("", monotonic=lambda: 0.0)
    assert carrier.of("a") == {}
    carrier.note = "note 1"
    assert carrier.of("a") == {"checkpoint": "note 1"}
