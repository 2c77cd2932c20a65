"""What the commands print: every check with what it saw, or why it saw nothing."""

from __future__ import annotations

from agents.report import Sample
from agents.texts import Seen, by_check, selftest_lines

AT = 1_700_000_000.0


def sample(name: str, value: float, **labels: str) -> Sample:
    return Sample(name, labels, value, AT)


TURN = [
    sample("node_load1", 0.25),
    sample("node_cpu_seconds_total", 7.0, cpu="0"),
    sample("node_cpu_seconds_total", 8.0, cpu="1"),
    sample("wanwatch_check_success", 1, check="cpu"),
    sample("wanwatch_check_duration_seconds", 0.002, check="cpu"),
    sample("wanwatch_check_success", 1, check="raid"),
    sample("wanwatch_check_duration_seconds", 0.0, check="raid"),
    sample("wanwatch_check_success", 0, check="services"),
    sample("wanwatch_check_duration_seconds", 8.5, check="services"),
    sample("wanwatch_check_success", 0, check="broken"),
]
REASONS = {"raid": "no array", "services": "SourceError: systemctl: timed out", "broken": "no"}


def test_selftest_tells_each_check_from_the_next() -> None:
    """Values belong to the check whose success follows them; one that did not load has no time."""
    seen = list(by_check(TURN, REASONS))

    assert [(one.check, one.is_good, one.seconds, len(one.values)) for one in seen] == [
        ("cpu", True, 0.002, 3),
        ("raid", True, 0.0, 0),
        ("services", False, 8.5, 0),
        ("broken", False, 0.0, 0),
    ]


def test_selftest_prints_what_was_seen_how_long_it_took_and_why_not() -> None:
    """In short one metric once; in full every series."""
    seen = list(by_check(TURN, REASONS))

    assert list(selftest_lines(seen, verbose=False)) == [
        "ok     cpu             0.002 s  3 values",
        "         node_load1 0.25, node_cpu_seconds_total ×2",
        "ok     raid            0.000 s  no array",
        "FAILED services        8.500 s  SourceError: systemctl: timed out",
        "FAILED broken          0.000 s  no",
    ]
    assert '         node_cpu_seconds_total{cpu="1"} 8.0' in selftest_lines(seen, verbose=True)


def test_selftest_breaks_long_lines() -> None:
    """A terminal of 110 columns shows all of it."""
    values = [sample(f"node_memory_number_{n}_bytes", 1e9) for n in range(50)]
    lines = list(selftest_lines([Seen("memory", True, 0.0, "", values)], verbose=False))

    assert max(map(len, lines)) <= 100
    assert sum(line.count("_bytes") for line in lines) == 50
