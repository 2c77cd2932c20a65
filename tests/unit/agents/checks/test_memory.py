"""Memory and swap as bytes and as ratios."""

from __future__ import annotations

import pytest

from agents.check import SourceError
from agents.checks.memory import evaluate, parse_meminfo, read
from tests.fake_host import fake_host


def test_memory_reads_bytes() -> None:
    """The file's kB are 1024 bytes; keys that are not reported are left alone."""
    found = read(fake_host())

    assert found["MemTotal"] == 16042172 * 1024
    assert "Slab" not in found


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
    """The reader that Windows uses gives the keys that mean the same there."""
    assert read(fake_host(is_linux=False))["MemTotal"] > 0
