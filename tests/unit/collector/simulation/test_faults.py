"""Faults: read with file, line and field; the same hosts struck each time; their effects."""

from __future__ import annotations

import pytest

from collector.simulation.effects import Effect, effect_of
from collector.simulation.fault_file import read_faults
from collector.simulation.faults import Fault, Where, chosen, strike
from collector.simulation.province import make_province
from incidents.yaml_problems import InvalidDocument

PROVINCE = make_province(1, units=20, hosts=100)


def problems_of(text: str) -> list[str]:
    """Return what is said of a file that cannot be used."""
    with pytest.raises(InvalidDocument) as caught:
        read_faults(text, file="drill.yaml", province=PROVINCE)
    return [str(problem) for problem in caught.value.problems]


def test_faults_are_read_from_their_file() -> None:
    """Times are durations from the start; one host is struck unless told otherwise."""
    text = "faults:\n  - {kind: link_cut, at: 1m, duration: 30s, where: {unit: MP.003}}\n"

    (fault,) = read_faults(text, file="drill.yaml", province=PROVINCE)

    assert fault == Fault("link_cut", 60, 30, Where(unit="MP.003"))


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ("{kind: disk_full, duration: 5m}", "faults[0].kind"),
        ("{kind: clone}", "faults[0].duration"),
        ("{kind: clone, duration: long}", "faults[0].duration"),
        ("{kind: clone, duration: 0s}", "faults[0].duration"),
        ("{kind: clone, duration: 5m, when: 1m}", "faults[0].when"),
        ("{kind: clone, duration: 5m, where: {hosts: 0}}", "faults[0].where.hosts"),
        ("{kind: clone, duration: 5m, where: {unit: MP.999}}", "faults[0].where"),
    ],
)
def test_fault_with_a_mistake_is_named_by_file_line_and_field(fault: str, field: str) -> None:
    """Nobody has to look for what is wrong."""
    found = problems_of(f"# drill\nfaults:\n  - {fault}\n")

    assert found
    assert all(text.startswith(f"drill.yaml:3: {field}") for text in found), found


def test_fault_strikes_the_same_hosts_each_time() -> None:
    """The lot is drawn from the seed; `all` strikes every host of the unit."""
    two = Where(kind="workstation", hosts=2)
    unit = Where(unit="MP.003", hosts=None)

    assert chosen(PROVINCE, two, "x") == chosen(PROVINCE, two, "x")
    assert len(chosen(PROVINCE, two, "x")) == 2
    assert {h.unit for h in chosen(PROVINCE, unit)} == {"MP.003"}
    assert set(strike(PROVINCE, [Fault("flood", 0, 1, unit)])) == {
        h.name for h in PROVINCE.hosts if h.unit == "MP.003"
    }


def test_fault_lasts_from_its_start_to_before_its_end() -> None:
    """An instant belongs to one side only."""
    cut = [Fault("link_cut", 10, 5, Where())]

    assert [effect_of(cut, at).is_cut_off for at in (9.9, 10, 14.9, 15)] == [0, 1, 1, 0]
    assert effect_of(cut, 15) == Effect()


def test_disk_is_full_after_a_quarter_of_a_short_fault() -> None:
    """It fills steadily and then stays full."""
    fills = [Fault("disk_fills", 0, 40, Where())]

    assert [effect_of(fills, at).disk_filled for at in (0, 5, 10, 39)] == [0, 0.5, 1, 1]


def test_host_of_two_faults_has_the_effects_of_both() -> None:
    """Faults do not hide one another."""
    both = [Fault("service_dies", 0, 9, Where()), Fault("clock_wrong", 0, 9, Where())]

    assert effect_of(both, 1) == Effect(is_service_dead=True, clock_ahead_seconds=90.0)
