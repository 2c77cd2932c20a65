"""Throws mutated bytes at the door for reports and at the readers of what keys sign.

Run by hand: python -m tests.integration.fuzz.fuzz_door -max_total_time=600 DIRECTORY
The first byte chooses what is fed. Nothing may be raised but what is refused with a reason, and
whatever is accepted must be judged without a fault.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import atheris

with atheris.instrument_imports(include=["collector", "agents"]):
    from collector.directory import read_hosts
    from collector.identity.enrol_wire import public_key, read_enrol, read_rotate
    from collector.inventory import read_units
    from collector.wire import read
    from collector.wire_json import RejectedReport
    from incidents.yaml_problems import InvalidDocument
    from tests.integration.collector.world import Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STATUSES = frozenset({202, 401, 409, 413, 422, 503})
SEEDS = [
    {
        "v": 1, "agent": "a-1", "boot": "b", "seq": 1, "oldest": 1, "state": "",
        "sent_at": 1795395600.0,
        "samples": [["node_load1", {}, 0.5, 1795395599.0],
                    ["node_filesystem_avail_bytes", {"mountpoint": "/"}, 1e9, 1795395600.0]],
        "events": [{"kind": "usb", "at": 1795395600.0, "labels": {"a": "b"}, "detail": "x"}],
        "sections": {"os": {"digest": "d", "content": {"name": "Debian"}}},
    },
    {"v": 1, "token": "t", "public_key": "A" * 43 + "=", "host": "may-1"},
    {"v": 1, "agent": "a-1", "public_key": "QQ==", "new_public_key": "QQ==", "proof": "QQ=="},
]  # fmt: skip


ODD: list[Any] = [
    None, True, 0, 1, -1, 2**53, 2**63, 2**64, -(2**63), 1e308, -0.0, 5e-324, 1795395600.0, "",
    "a-1", "x" * 121, "\u202e", "\x00", "\ud800", "=1+1", [], {}, [[]] * 3, {"": ""}, [1] * 2_001,
]  # fmt: skip


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Return another input: JSON with one place changed, or any bytes changed anyhow."""
    try:
        value = json.loads(data[1:])
    except ValueError:
        value = None
    if not value or not isinstance(value, dict) or seed % 4 == 0:
        return bytes(atheris.Mutate(data, most))
    seed //= 4
    places = list(_places(value))
    seed, at = divmod(seed, len(places))
    holder, key = places[at]
    seed, how = divmod(seed, 4)
    if how == 0:
        holder[key] = ODD[seed % len(ODD)]
    elif how == 1 and isinstance(holder, dict):
        holder[str(ODD[seed % len(ODD)])] = holder[key]
    elif how == 1:
        holder.append(holder[key])
    elif how == 2:
        del holder[key]
    else:
        holder[key] = [holder[key]] if seed % 2 else {"a": holder[key]}
    changed = data[:1] + json.dumps(value).encode(errors="surrogatepass")
    return changed[:most]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield where every value of a JSON document stands, as (holder, key)."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(items):
        yield value, key
        if isinstance(part, dict | list):
            yield from _places(part)


class Collector:
    """A collector that is asked by an agent with a good key and bodies of any kind."""

    def __init__(self, directory: Path) -> None:
        self.clock = Clock()
        self.loop = asyncio.new_event_loop()
        self.world = World(directory, self.clock)
        self.agent = Agent("a-1", self.clock)
        self.world.enrol(self.agent)

    def take(self, text: bytes) -> None:
        """Send a body, and judge it when it was taken."""
        self.clock.advance(1)
        body = gzip.compress(text, compresslevel=1)
        self.loop.run_until_complete(self._take(body))

    async def _take(self, body: bytes) -> None:
        door = self.world.door
        answer = await door.accept("a-1", self.agent.sign(body), "gzip", body)
        assert answer.status in STATUSES, answer
        json.dumps(answer.body)
        while door.accepted:
            accepted = door.accepted.popleft()
            self.world.judge.report(accepted.host, accepted.report, accepted.received_at)
        self.world.judge.tick(self.clock.now())
        host = self.world.fleet.hosts["a-1"]
        assert len(host.series) <= 2_003
        assert len(host.received.ranges) <= 16
        host.quarantined_at = None  # or nothing would be read any more


def refused(read_it: Callable[[bytes], Any], data: bytes) -> None:
    """Read; a refusal with a reason is fine."""
    with contextlib.suppress(RejectedReport, InvalidDocument):
        read_it(data)


def main() -> None:
    """Fuzz until the time is over; libFuzzer ends the process."""
    logging.disable()
    from loguru import logger

    logger.remove()
    directory = Path(tempfile.mkdtemp(prefix="wanwatch-fuzz-"))
    collector = Collector(directory)
    collector.world.stream.__class__ = _forgetful(collector.world.stream.__class__)
    readers: list[Callable[[bytes], Any]] = [
        collector.take,
        lambda data: refused(read, data),
        lambda data: refused(read_enrol, data),
        lambda data: refused(read_rotate, data),
        lambda data: refused(read_units, data),
        lambda data: refused(lambda d: read_hosts(d, units={"H1"}), data),
        lambda data: refused(lambda d: public_key(d.decode("latin-1"), "key"), data),
    ]

    def one(data: bytes) -> None:
        if data:
            readers[data[0] % len(readers)](data[1:])

    corpus = next((a for a in reversed(sys.argv[1:]) if not a.startswith("-")), None)
    if corpus is not None:
        for number, seed in enumerate(SEEDS):
            for place in (0, number + 1):
                text = json.dumps(seed).encode()
                (Path(corpus) / f"seed-{number}-{place}").write_bytes(bytes([place]) + text)
    atheris.Setup(sys.argv, one, custom_mutator=mutate)
    atheris.Fuzz()


def _forgetful(kind: type) -> type:
    """Return a journal that takes everything and keeps nothing: the disk is not what is fuzzed."""

    def submit(self: Any, _record: Any, stored: Callable[[Any], None], _failed: Any) -> None:
        stored(self.end)

    return type("Forgetful", (kind,), {"submit": submit})


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[3])
    main()
