"""Pressure: microseconds become seconds; a kernel without it has no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import NoData, SourceError
from agents.checks.pressure import parse_pressure, read
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from pathlib import Path


def test_pressure_reads_seconds_as_node_exporter_names_them() -> None:
    """`some` is waiting, `full` is stalled; a stalled processor is no metric."""
    found = read(fake_host())

    assert found["node_pressure_cpu_waiting_seconds_total"] == pytest.approx(14.036781)
    assert found["node_pressure_io_stalled_seconds_total"] == pytest.approx(0.159802)
    assert found["node_pressure_irq_stalled_seconds_total"] == pytest.approx(0.008494)
    assert len(found) == 6


def test_pressure_has_no_data_where_the_kernel_counts_none(tmp_path: Path) -> None:
    """An old kernel and another system are not a failure, and not 0."""
    for host in (fake_host(root=tmp_path), fake_host(is_linux=False)):
        with pytest.raises(NoData):
            read(host)


def test_pressure_says_so_when_the_file_is_not_the_kernels() -> None:
    """A line without a total is an error that shows it."""
    with pytest.raises(SourceError, match="nonsense"):
        parse_pressure("io", "nonsense\n")
