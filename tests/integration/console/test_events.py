"""The live stream: ids only, heartbeats, and an end for sessions, slow readers and shutdown."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.console import events
from collector.console.events import LiveResponse, live, merge
from incidents.actor import Viewer
from tests.province import add_alert, open_province

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from collector.services import ChangeKind
    from tests.province import Province


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Province]:
    """A province whose heart beats every 10 ms."""
    made = open_province(tmp_path, heartbeat_seconds=0.01)
    yield made
    made.db.close()


def read(event: str) -> tuple[str, dict[str, Any]]:
    """Return name and data of one event."""
    name, data = event.strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


async def next_of(stream: AsyncIterator[str], name: str) -> dict[str, Any]:
    """Return the data of the next event of this name."""
    async for event in stream:
        found, data = read(event)
        if found == name:
            return data
    raise AssertionError(f"the stream ended without {name}")


async def test_stream_beats_and_tells_what_changed_by_id(quick: Province) -> None:
    """The first beat comes at once; a change carries kind and id and nothing else."""
    stream = live(quick.services, quick.clock() + timedelta(minutes=1))
    assert await next_of(stream, "heartbeat") == {"now": "2026-11-23T19:12:40Z"}
    quick.changes.publish("host", "agent-1")
    assert await next_of(stream, "changed") == {"host": ["agent-1"]}
    assert await next_of(stream, "heartbeat")
    await stream.aclose()
    assert not quick.changes.watchers


async def test_stream_ends_with_the_session(quick: Province) -> None:
    """At its last instant nothing more is told."""
    stream = live(quick.services, quick.clock() + timedelta(minutes=1))
    await next_of(stream, "heartbeat")
    quick.clock.move(minutes=1)
    assert [event async for event in stream] == []


async def test_stream_ends_when_the_process_stops(tmp_path: Path) -> None:
    """A stop does not wait for browsers to go away."""
    province = open_province(tmp_path, heartbeat_seconds=3600)
    stream = live(province.services, province.clock() + timedelta(minutes=1))
    await next_of(stream, "heartbeat")
    province.services.stopping.set()
    assert [event async for event in stream] == []
    assert not province.changes.watchers
    province.db.close()


async def test_lagging_process_holds_refreshes_back_but_beats(tmp_path: Path) -> None:
    """Pages are refreshed once the lag is over, with all that was held."""
    lags = True
    province = open_province(tmp_path, heartbeat_seconds=0.01, shedding=lambda: lags)
    stream = live(province.services, province.clock() + timedelta(minutes=1))
    await next_of(stream, "heartbeat")
    for agent in ("b", "a", "b"):
        province.changes.publish("host", agent)
    for _ in range(3):
        assert read(await anext(stream))[0] == "heartbeat"
    lags = False
    assert await next_of(stream, "changed") == {"host": ["a", "b"]}
    await stream.aclose()
    province.db.close()


async def test_reader_that_takes_nothing_is_given_up(
    quick: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream ends instead of filling memory for a dead connection."""
    monkeypatch.setattr(events, "SLOW_CLIENT_SECONDS", 0.01)
    never = asyncio.Event()
    started = []

    async def send(message: dict[str, Any]) -> None:
        started.append(message["type"])
        if message["type"] == "http.response.body":
            await never.wait()

    stream = live(quick.services, quick.clock() + timedelta(minutes=1))
    await LiveResponse(stream).stream_response(send)
    assert started == ["http.response.start", "http.response.body"]
    await stream.aclose()
    assert not quick.changes.watchers


def test_same_id_counts_once() -> None:
    """What is held back never grows beyond what exists."""
    held: dict[ChangeKind, set[str]] = {}
    for _ in range(100):
        merge(held, {"host": {"a", "b"}, "unit": {"u"}})
    assert held == {"host": {"a", "b"}, "unit": {"u"}}


async def test_stream_ends_at_the_next_beat_when_the_session_does(quick: Province) -> None:
    """Somebody who was shut out in the meantime is told nothing more."""
    is_in = [True]

    async def still_in() -> bool:
        return is_in[0]

    stream = live(quick.services, quick.clock() + timedelta(hours=1), still_in=still_in)
    assert await next_of(stream, "heartbeat")
    assert await next_of(stream, "heartbeat")
    is_in[0] = False
    assert [event async for event in stream][1:] == []


async def test_stream_names_nothing_of_other_units(quick: Province) -> None:
    """Neither units nor hosts, alerts, lines, keys or incidents: only one's own."""
    hosts = list(quick.services.fleet.hosts.values())
    own = next(host for host in hosts if host.unit == "000.02.30")
    other = next(host for host in hosts if host.unit == "000.03.30")
    numbers = {
        host.unit: quick.db.write_now(
            lambda c, host=host: add_alert(c, host, "X", "x", now=quick.clock(), labels=host.unit)  # type: ignore[misc]
        )
        for host in (own, other)
    }
    viewer = Viewer(units=frozenset({own.unit}))
    stream = live(quick.services, quick.clock() + timedelta(hours=1), viewer)
    assert await next_of(stream, "heartbeat")
    told: dict[str, set[str]] = {}
    for host in (other, own):
        quick.changes.publish("unit", host.unit)
        quick.changes.publish("host", host.agent)
        quick.changes.publish("identity", host.agent)
        quick.changes.publish("alert", str(numbers[host.unit]))
        quick.changes.publish("worklist", str(numbers[host.unit]))
    quick.changes.publish("alert", "mutes")
    while told.get("alert", set()) != {str(numbers[own.unit]), "mutes"}:
        for kind, ids in (await next_of(stream, "changed")).items():
            told.setdefault(kind, set()).update(ids)
    await stream.aclose()
    assert told == {
        "unit": {own.unit},
        "host": {own.agent},
        "identity": {own.agent},
        "alert": {str(numbers[own.unit]), "mutes"},
        "worklist": {str(numbers[own.unit])},
    }
