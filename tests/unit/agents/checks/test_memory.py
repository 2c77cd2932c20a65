"""Memory and swap as bytes and as ratios."""

from __future__ import annotations

import pytest

from agents.check import SourceError
from agents.checks.memory import evaluate, parse_meminfo, parse_vmstat, read
from tests.fake_host import fake_host


def test_memory_reads_bytes() -> None:
    """The file's kB are 1024 bytes; keys that are not reported are left alone."""
    found = read(fake_host())

    assert found["MemTotal"] == 16042172 * 1024
    assert "HugePages_Total" not in found


def test_memory_counts_what_the_kernel_did_to_give_memory() -> None:
    """Major faults, swapping and kills keep the kernel's names; an old kernel counts no kills."""
    found = {o.name: o.value for o in evaluate(read(fake_host()), None)}

    assert found["node_vmstat_pgmajfault"] == 87643
    assert found["node_vmstat_oom_kill"] == 2
    assert found["node_memory_SReclaimable_bytes"] == 1_000_000 * 1024
    assert parse_vmstat("pswpin 4\nnr_free_pages 1\n") == {"pswpin": 4}


def test_memory_says_so_when_the_file_is_not_the_kernels() -> None:
    """No MemTotal is an error, not a host without memory."""
    with pytest.raises(SourceError, match="MemTotal"):
        parse_meminfo("")


def values(**keys: float) -> dict[str, float]:
    return {o.name: o.value for o in evaluate(keys, None)}


def test_memory_ratios_count_what_is_available_as_unused() -> None:
    """Caches that the kernel gives back are not used memory."""
    found = values(MemTotal=100, MemFree=1, MemAvailable=75, SwapTotal=10, SwapFree=4)

    assert found["wanwatch_memory_used_ratio"] == 0.25
    assert found["wanwatch_swap_used_ratio"] == 0.6
    assert found["node_memory_MemFree_bytes"] == 1


def test_memory_has_no_swap_ratio_when_there_is_no_swap() -> None:
    """No swap is not swap that is 0 % used."""
    assert "wanwatch_swap_used_ratio" not in values(MemTotal=1, SwapTotal=0, SwapFree=0)


def test_memory_reads_a_host_without_procfs() -> None:
    """Windows has the keys that mean the same there, and no others."""
    found = {o.name: o.value for o in evaluate(read(fake_host(is_linux=False)), None)}

    assert found == {
        "node_memory_MemTotal_bytes": 8 << 30,
        "node_memory_MemFree_bytes": 3 << 30,
        "node_memory_MemAvailable_bytes": 3 << 30,
        "node_memory_SwapTotal_bytes": 2 << 30,
        "node_memory_SwapFree_bytes": 3 << 29,
        "wanwatch_memory_used_ratio": 0.625,
        "wanwatch_swap_used_ratio": 0.25,
    }
