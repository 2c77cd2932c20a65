"""Processor time: counters as the kernel gives them, and the share that was not idle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.check import SourceError
from agents.checks.cpu import MOST_CPUS, Cpu, evaluate, parse_stat, read, used_ratio
from tests.fake_host import fake_host


def cpu(**modes: float) -> dict[str, dict[str, float]]:
    return {"0": modes}


def test_cpu_reads_seconds_by_processor_and_mode() -> None:
    """Ticks become seconds; the line that sums all processors is not a processor."""
    found = read(fake_host())

    assert sorted(found.times) == ["0", "1", "2", "3"]
    assert found.times["0"]["user"] == 444.90
    assert found.times["0"]["steal"] == 0.02
    assert found.load == (0.21, 0.37, 0.39)


def test_cpu_says_so_when_the_file_is_not_the_kernels() -> None:
    """A file without a processor is an error with its name, not zero processors."""
    with pytest.raises(SourceError, match="/proc/stat"):
        parse_stat("btime 1\n")


@pytest.mark.parametrize(
    ("before", "now", "ratio"),
    [
        (cpu(user=0, idle=0), cpu(user=1, idle=3), 0.25),
        (cpu(user=0, idle=0, iowait=0), cpu(user=1, idle=1, iowait=2), 0.25),
        (cpu(user=5, idle=9), cpu(user=5, idle=9), None),
        (cpu(user=0, idle=10), cpu(user=2, idle=8), 1.0),
        (cpu(user=0, idle=0), {"1": {"user": 1.0, "idle": 1.0}}, None),
        ({}, cpu(user=1, idle=1), None),
    ],
)
def test_cpu_used_ratio_is_the_share_not_idle(
    before: dict[str, dict[str, float]], now: dict[str, dict[str, float]], ratio: float | None
) -> None:
    """Waiting for a disk is idle, counters that go back and new processors do not count."""
    assert used_ratio(now, before) == ratio


times = st.dictionaries(
    st.sampled_from(["0", "1"]),
    st.fixed_dictionaries({m: st.floats(0, 1e9) for m in ("user", "system", "idle", "iowait")}),
)


@given(times, times)
def test_cpu_used_ratio_is_a_ratio_whatever_the_counters_do(
    before: dict[str, dict[str, float]], now: dict[str, dict[str, float]]
) -> None:
    """The value lies between 0 and 1 or does not exist."""
    ratio = used_ratio(now, before)

    assert ratio is None or 0 <= ratio <= 1


def test_cpu_reports_no_ratio_at_the_first_reading() -> None:
    """One reading has no rate; the next one has."""
    first = Cpu(cpu(user=0, idle=0), None)
    second = Cpu(cpu(user=1, idle=0), None)

    assert "wanwatch_cpu_used_ratio" not in {o.name for o in evaluate(first, None)}
    assert ("wanwatch_cpu_used_ratio", {}, 1.0) in list(evaluate(second, first))


def test_cpu_keeps_its_series_few_on_a_large_machine() -> None:
    """Beyond 32 processors there are no more series, but all are counted."""
    large = Cpu({str(n): {"user": 1.0, "idle": 1.0} for n in range(200)}, (1.0, 1.0, 1.0))

    found = list(evaluate(large, None))

    assert sum(o.name == "node_cpu_seconds_total" for o in found) == 2 * MOST_CPUS
    assert ("wanwatch_cpus", {}, 200) in found


def test_cpu_reports_no_load_where_the_system_keeps_none() -> None:
    """Load is absent, never 0."""
    names = {o.name for o in evaluate(Cpu(cpu(user=0, idle=1), None), None)}

    assert not [name for name in names if name.startswith("node_load")]


def test_cpu_reads_a_host_without_procfs() -> None:
    """Windows counts interrupts within the kernel's time; here each second is in one mode."""
    found = read(fake_host(is_linux=False))

    assert found.times["0"] == {
        "user": 5210.5,
        "system": 2999.0,
        "idle": 90000.0,
        "irq": 40.5,
        "softirq": 60.75,
    }
    assert list(found.times) == ["0", "1"]
    assert found.load is None
