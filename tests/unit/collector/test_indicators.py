"""Indicators and changes: an hour of few values, and news that never pile up."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.changes import Changes
from collector.indicators import INDICATORS, Indicator, Role, Tally, role_of

NOW = 1_795_000_020.0


def test_indicators_are_few() -> None:
    """A host keeps an hour of at most twelve."""
    assert len(set(INDICATORS)) == len(INDICATORS) <= 12


def test_hour_has_sixty_minutes_and_gaps_are_none() -> None:
    """The minute of now is last; silence is a gap, never a line through it."""
    indicator = Indicator()
    indicator.put(1.0, NOW - 300)
    indicator.put(2.0, NOW)
    hour = indicator.last_hour(NOW)
    assert len(hour) == 60
    assert (hour[-6], hour[-1]) == (1.0, 2.0)
    assert hour[-5:-1] == [None] * 4
    assert indicator.last_hour(NOW + 120)[-3:] == [2.0, None, None]
    assert indicator.last_hour(NOW + 7_200) == [None] * 60


@given(st.lists(st.tuples(st.integers(0, 150), st.floats(0, 1, width=32)), max_size=40))
def test_hour_agrees_with_a_plain_table(points: list[tuple[int, float]]) -> None:
    """Live and late values in any order end in their own minutes."""
    indicator, table, newest = Indicator(), dict[int, float](), 0
    base = int(NOW // 60)
    for minute, value in points:
        indicator.put(value, (base + minute) * 60.0)
        newest = max(newest, minute)
        if minute > newest - 60:
            table[minute] = value
    expected = [table.get(minute) for minute in range(newest - 59, newest + 1)]
    assert indicator.last_hour((base + newest) * 60.0) == expected


def test_tally_takes_the_fullest_disk_and_adds_up_the_interfaces() -> None:
    """Several series become one indicator; a counter's first sample and its reset are nothing."""
    tally = Tally(cpu_count=4)
    for role, value, per_second in (
        (Role("disk", "max"), 0.3, None),
        (Role("disk", "max"), 0.9, None),
        (Role("disk", "max"), 0.5, None),
        (Role("in", "rate"), 1_000.0, 10.0),
        (Role("in", "rate"), 5.0, 7.0),
        (Role("in", "rate"), 5.0, None),
        (Role("in", "rate"), 5.0, -3.0),
        (Role("load", "per_cpu"), 2.0, None),
    ):
        tally.add(role, value, per_second)
    assert tally.totals == {"disk": 0.9, "in": 17.0, "load": 0.5}
    unknown = Tally(cpu_count=0)
    unknown.add(Role("load", "per_cpu"), 2.0, None)
    assert unknown.totals == {}


def test_loopback_is_no_traffic() -> None:
    """Bytes that never left the host are not shown as traffic."""
    assert role_of("node_network_receive_bytes_total", {"device": "lo"}) is None
    assert role_of("node_network_receive_bytes_total", {"device": "eth0"}) is not None
    assert role_of("node_disk_io_now", {}) is None


async def test_watcher_gets_one_batch_of_what_changed() -> None:
    """Many changes of one thing are one id; a new watcher gets only what is new."""
    changes = Changes(monotonic=lambda: 10.0)
    changes.publish("host", "before")
    with changes.subscribe() as news:
        for _ in range(1_000):
            changes.publish("host", "a")
        changes.publish("alert", "7")
        assert await news.next() == {"host": {"a"}, "alert": {"7"}}
    changes.publish("host", "after")


async def test_watcher_waits_until_something_changes() -> None:
    """No change, no batch."""
    changes = Changes(monotonic=lambda: 10.0)
    with changes.subscribe() as news, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await news.next()
