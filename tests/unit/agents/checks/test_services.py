"""systemd units: the few that fail, flap, recovered just now or were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import NoData, SourceError
from agents.checks.services import (
    CHECK,
    MOST_UNITS,
    Services,
    Unit,
    evaluate,
    parse_show,
    read,
    select,
)
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def unit(name: str, state: str = "active", restarts: int | None = 0, ago: float = 1e6) -> Unit:
    return Unit(name, frozenset({name}), "simple", state, restarts, ago)


def test_services_reads_units_and_their_other_names() -> None:
    """A unit may be configured by any of its names."""
    found = read(fake_host())

    assert [u.name for u in select(found)] == [
        "ssh.service",
        "flapping.service",
        "broken.service",
        "cups.socket",
    ]


def test_services_asks_systemd_once_with_the_configured_names() -> None:
    """One bounded command, plain output, names after `--`."""
    asked: list[Sequence[str]] = []

    def run(arguments: Sequence[str], limit_seconds: float) -> str:
        asked.append(arguments)
        return ""

    read(fake_host(run=run, services=("-odd.service",)))

    assert len(asked) == 1
    assert asked[0].index("--") < asked[0].index("-odd.service")


def test_services_has_no_data_where_there_is_no_systemd(tmp_path: Path) -> None:
    """A host without systemd is not a failing check."""
    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))


@pytest.mark.parametrize(
    ("candidate", "is_reported"),
    [
        (unit("a", "failed"), True),
        (unit("a", "activating"), True),
        (unit("a", "active"), False),
        (unit("a", "inactive"), False),
        (unit("a", "active", restarts=3), True),
        (unit("a", "active", ago=599), True),
        (unit("a", "active", ago=600), False),
        (unit("wanted", "inactive"), True),
    ],
)
def test_services_reports_a_unit_for_a_reason(candidate: Unit, is_reported: bool) -> None:
    """Failing, flapping, recovered within ten minutes, or asked for; nothing else."""
    assert bool(select(Services([candidate], ("wanted",)))) is is_reported


def test_services_reports_five_states_and_the_restarts() -> None:
    """Exactly one state is 1, as node_exporter has it."""
    found = list(evaluate(Services([unit("a.service", "failed", restarts=2)]), None))

    states = {o.labels["state"]: o.value for o in found if o.name == "node_systemd_unit_state"}
    assert states == {
        "active": 0,
        "activating": 0,
        "deactivating": 0,
        "inactive": 0,
        "failed": 1,
    }
    assert ("node_systemd_service_restart_total", {"name": "a.service"}, 2) in found


def test_services_keeps_its_series_few_when_everything_fails() -> None:
    """40 units at most, configured ones first, and the rest is counted."""
    many = [unit(f"{n}.service", "failed", restarts=1) for n in range(200)]
    found = list(evaluate(Services([*many, unit("wanted")], ("wanted",)), None))

    assert found[0].labels["name"] == "wanted"
    assert found[-1].value == 201 - MOST_UNITS
    assert len(found) <= CHECK.most_series


def test_services_says_so_when_the_output_is_not_systemds() -> None:
    """A block without a name is an error that shows it."""
    with pytest.raises(SourceError, match="Type=simple"):
        parse_show("Type=simple\n", 0)


def test_services_of_windows_that_should_run_and_do_not_are_failed() -> None:
    """Automatic and at rest is a fault, unless a trigger starts it; manual is not even reported."""
    found = read(fake_host(is_linux=False, services=("sshd",)))

    assert {unit.name: unit.state for unit in found.units} == {
        "EventLog": "active",
        "Spooler": "failed",
        "RemoteRegistry": "inactive",
        "W32Time": "failed",
        "sshd": "active",
    }
    assert [unit.name for unit in select(found)] == ["sshd", "Spooler", "W32Time"]


def test_services_of_windows_report_a_recovery_once() -> None:
    """Nobody notes there when a service changed: the reading before tells."""
    before = Services([unit("Spooler", "failed", restarts=None, ago=float("inf"))])
    now = Services([unit("Spooler", "active", restarts=None, ago=float("inf"))])

    states = [o.labels["state"] for o in evaluate(now, before) if o.value]
    assert states == ["active"]
    assert select(now, now) == []
