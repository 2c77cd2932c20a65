"""Why an agent says goodbye: its machine goes down, or it alone is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agents.check import SourceError
from agents.farewell import goodbye, why
from tests.fake_host import fake_host
from tests.recorded_windows import recorded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.mark.parametrize(
    ("state", "expected"),
    [("stopping\n", "shutdown"), ("running\n", "stop"), ("degraded\n", "stop"), ("", "stop")],
)
def test_farewell_asks_systemd_whether_the_machine_goes_down(state: str, expected: str) -> None:
    """Once, with little time: nothing holds up a shutdown."""
    asked: list[tuple[Sequence[str], float]] = []

    def run(arguments: Sequence[str], limit_seconds: float) -> str:
        asked.append((arguments, limit_seconds))
        return state

    assert why(fake_host(run=run)) == expected
    assert asked == [(("systemctl", "is-system-running"), 0.5)]


def test_farewell_is_a_stop_when_nobody_knows(tmp_path: Path) -> None:
    """No systemd, or one that does not answer any more."""

    def run(arguments: Sequence[str], limit_seconds: float) -> str:
        raise SourceError("systemctl: timed out")

    assert why(fake_host(run=run)) == "stop"
    assert why(fake_host(root=tmp_path)) == "stop"


@pytest.mark.parametrize(("is_down", "expected"), [(True, "shutdown"), (False, "stop")])
def test_farewell_asks_windows(is_down: bool, expected: str) -> None:
    """The session says whether it ends."""
    windows = replace(recorded(), is_shutting_down=lambda: is_down)

    assert why(fake_host(is_linux=False, windows=windows)) == expected


def test_goodbye_has_the_kind_and_the_reason() -> None:
    """As the collector reads it."""
    event = goodbye("shutdown", 1_700_000_000.1234)

    assert (event.kind, event.labels, event.at) == (
        "agent.goodbye",
        {"why": "shutdown"},
        1_700_000_000.123,
    )
