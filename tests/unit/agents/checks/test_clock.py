"""The clock: its time, and what the kernel knows of its error."""

from __future__ import annotations

import struct

import pytest

from agents.check import SourceError
from agents.checks.clock import evaluate, read
from agents.timex import Timex, decode, read_timex
from tests.fake_host import NOW, fake_host


def test_clock_reports_time_and_synchronisation() -> None:
    """The names are node_exporter's."""
    assert {o.name: o.value for o in evaluate(read(fake_host()), None)} == {
        "node_time_seconds": NOW,
        "node_timex_offset_seconds": -0.000123,
        "node_timex_sync_status": 1,
        "node_timex_maxerror_seconds": 0.5,
    }


@pytest.mark.parametrize(
    ("clock_state", "status", "offset", "expected"),
    [
        (0, 0x2001, 1_500_000, Timex(0.0015, True, 16.0)),
        (0, 0x0001, 1_500_000, Timex(1.5, True, 16.0)),
        (5, 0x2040, -250_000, Timex(-0.00025, False, 16.0)),
    ],
)
def test_clock_reads_the_kernels_structure(
    clock_state: int, status: int, offset: int, expected: Timex
) -> None:
    """Nanoseconds or microseconds as the status says; TIME_ERROR is not synchronised."""
    head = struct.pack("@I4li", 0, offset, 0, 16_000_000, 0, status)

    assert decode(clock_state, head) == expected


def test_clock_asks_this_kernel() -> None:
    """The real call answers with the largest possible error."""
    assert read_timex().maxerror_seconds >= 0


def test_clock_goes_on_where_the_kernel_forbids_to_ask() -> None:
    """A container without the right has its time, no synchronisation."""

    def timex() -> Timex:
        raise PermissionError(1, "Operation not permitted")

    found = read(fake_host(timex=timex))

    assert found.timex is None
    assert not [o for o in evaluate(found, None) if "timex" in o.name]


def test_clock_fails_when_the_kernel_fails() -> None:
    """Another error is the check's failure, with its text."""

    def timex() -> Timex:
        raise OSError(14, "Bad address")

    with pytest.raises(SourceError, match="Bad address"):
        read(fake_host(timex=timex))


def test_clock_reads_a_host_without_procfs() -> None:
    """Windows has the time and no word of the kernel about it."""
    found = evaluate(read(fake_host(is_linux=False)), None)

    assert {o.name: o.value for o in found} == {"node_time_seconds": NOW}
