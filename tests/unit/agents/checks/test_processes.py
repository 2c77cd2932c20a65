"""Processes, interrupts and open files."""

from __future__ import annotations

import pytest

from agents.check import SourceError
from agents.checks.processes import evaluate, parse_file_nr, parse_stat, parse_threads, read
from tests.fake_host import fake_host


def test_processes_reports_the_kernels_numbers_under_node_exporters_names() -> None:
    """The first number of `intr` is the sum of all interrupts."""
    assert {o.name: o.value for o in evaluate(read(fake_host()), None)} == {
        "node_procs_running": 2,
        "node_procs_blocked": 1,
        "node_forks_total": 26442,
        "node_context_switches_total": 38014093,
        "node_intr_total": 8885917,
        "node_filefd_allocated": 1024,
        "node_filefd_maximum": 1631329,
        "node_processes_pids": 1,
        "node_processes_threads": 719,
        "node_processes_max_processes": 4194304,
    }


def test_processes_says_so_when_a_file_is_not_the_kernels() -> None:
    """Neither file is taken for zeros."""
    with pytest.raises(SourceError, match="/proc/stat"):
        parse_stat("cpu 1 2 3\n")
    with pytest.raises(SourceError, match="file-nr"):
        parse_file_nr("1 2")
    with pytest.raises(SourceError, match="loadavg"):
        parse_threads("0.21 0.37 0.39 1 19737")


def test_processes_reads_a_host_without_procfs() -> None:
    """Windows has the two counters that mean the same there, and the number of processes."""
    assert read(fake_host(is_linux=False)) == {
        "node_context_switches_total": 901_234_567,
        "node_intr_total": 555_000_111,
        "node_processes_pids": 5,
    }
