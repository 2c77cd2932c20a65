"""What the service attaches by itself: samples, the policy in force, what hosts had signed."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import VerifyKey

from collector.attaching import Attacher
from collector.evidence_files import EvidenceFiles
from collector.jobs.jobs import Jobs
from collector.policy.changes import Sources
from collector.storage.desk_store import DeskStore, stored_timeline
from collector.storage.policy_record import STARTED, note_policy
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL, FREE = 0.005, 0.6


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


class Service:
    """The attacher over a world, and what it attached."""

    def __init__(self, world: World, folder: Path) -> None:
        numbers = itertools.count()
        self.world = world
        self.files = EvidenceFiles(folder / "evidence")
        jobs = Jobs(
            now=world.clock.now,
            new_id=lambda: f"job-{next(numbers)}",
            environment={"WANWATCH_DATA": str(folder)},
        )
        self.attacher = Attacher(
            world.database,
            world.desk(),
            DeskStore,
            world.fleet,
            self.files,
            jobs,
            new_id=lambda: f"in-{next(numbers)}",
        )

    async def turn(self) -> bool:
        return await self.attacher.turn(self.world.clock.now())

    def attached(self) -> list[tuple[dict[str, Any], str]]:
        """Return data and name of each piece of the first incident."""
        entries = self.world.database.read_now(lambda c: stored_timeline(c, 1))
        return [
            (json.loads(entry.canonical)["data"], json.loads(entry.text)["name"])
            for entry in entries
            if entry.kind == "evidence"
        ]

    def content(self, number: int) -> bytes:
        return self.files.path_of(self.attached()[number][0]["sha256"]).read_bytes()


async def incident_of(world: World, agent: Agent) -> None:
    """Let a disk run full until there is an incident."""
    for _ in range(90):
        await agent.send(world, *disk(FULL))
        await world.turn(10)
        if world.incidents():
            return
    raise AssertionError("no incident")


async def test_samples_and_policy_are_attached_at_the_opening(world: World, tmp_path: Path) -> None:
    """By machine:collector, with the host's hour and values, and the files in force."""
    sources = Sources({"rules/own.yaml": b"rules: []\n", "channels.yaml": b"password: x\n"})
    world.database.write_now(lambda c: note_policy(c, world.clock.now(), STARTED, sources))
    agent, service = Agent("a-1", world.clock), Service(world, tmp_path)
    world.enrol(agent)
    await incident_of(world, agent)
    await service.turn()
    await service.turn()  # has nothing more to do

    (samples, name), (policy, policy_name) = service.attached()
    assert (samples["kind"], name) == ("mau_giam_sat", "SC26-0001-1-before.json")
    assert (policy["kind"], policy_name) == ("chinh_sach", "SC26-0001-policy.json")
    content = json.loads(service.content(0))
    (host,) = content["hosts"]
    assert (content["what"], content["hour"], host["host"]) == ("opened", "before", "máy-a-1")
    assert any(one["metric"] == "node_filesystem_avail_bytes" for one in host["latest"])
    assert all(len(minutes) == 60 for minutes in host["indicators"].values())
    in_force = json.loads(service.content(1))
    assert in_force["revision"] == sources.revision
    assert in_force["files"]["channels.yaml"] == "password: ***\n"


async def test_the_hour_after_is_attached_with_what_the_hosts_signed(
    world: World, tmp_path: Path
) -> None:
    """An hour later: samples again, and the reports of both hours, each still verifiable."""
    agent, other = Agent("a-1", world.clock), Agent("a-2", world.clock)
    service = Service(world, tmp_path)
    for one in (agent, other):
        world.enrol(one)
    await incident_of(world, agent)
    await other.send(world, *disk(FREE))
    await world.turn(1)
    await service.turn()
    before = len(service.attached())
    sent = agent.seq
    world.clock.advance(3_700)
    await agent.send(world, *disk(FULL))
    await world.turn(1)
    await service.turn()

    (after, name), (reports, reports_name) = service.attached()[before:]
    assert (after["kind"], name) == ("mau_giam_sat", "SC26-0001-1-after.json")
    assert reports_name == "SC26-0001-1-reports.jsonl.gz"
    assert (reports["reports"], reports["whole"]) == (sent, True)
    lines = gzip.decompress(service.content(before + 1)).decode().splitlines()
    for line in map(json.loads, lines):
        assert line["agent"] == "a-1"
        body, signature = base64.b64decode(line["body"]), base64.b64decode(line["signature"])
        VerifyKey(bytes(agent.key.verify_key)).verify(body, signature)
    assert list((tmp_path / "evidence" / "incoming").iterdir()) == []


async def test_a_recovery_has_samples_of_its_own(world: World, tmp_path: Path) -> None:
    """At once the hour before it, an hour later the other; not the policy again."""
    agent, service = Agent("a-1", world.clock), Service(world, tmp_path)
    world.enrol(agent)
    await incident_of(world, agent)
    await service.turn()
    before = len(service.attached())
    for _ in range(90):
        await agent.send(world, *disk(FREE))
        await world.turn(10)
    await service.turn()
    names = [name for _, name in service.attached()[before:]]
    assert len(names) == 1
    assert names[0].endswith("-before.json")


async def test_an_interrupted_turn_attaches_nothing_twice(world: World, tmp_path: Path) -> None:
    """Killed between the file and the entry: the next turn writes what is missing, once."""
    agent, service = Agent("a-1", world.clock), Service(world, tmp_path)
    world.enrol(agent)
    await incident_of(world, agent)

    async def dies(_: Any) -> None:
        raise OSError("killed")

    write, service.attacher._database.write = service.attacher._database.write, dies
    with pytest.raises(OSError, match="killed"):
        await service.turn()
    service.attacher._database.write = write
    assert service.attached() == []
    await service.turn()
    assert len(service.attached()) == 2


async def test_a_disk_that_refuses_puts_it_off_and_stops_no_other(
    world: World, tmp_path: Path
) -> None:
    """Ten minutes later it is tried again."""
    agent, service = Agent("a-1", world.clock), Service(world, tmp_path)
    world.enrol(agent)
    await incident_of(world, agent)
    blocked = tmp_path / "evidence"
    blocked.write_text("in the way of the directory")
    await service.turn()
    blocked.unlink()
    await service.turn()
    assert service.attached() == []
    world.clock.advance(601)
    await service.turn()
    assert len(service.attached()) == 2


async def test_a_flapping_incident_is_attached_to_a_few_times_only(
    world: World, tmp_path: Path
) -> None:
    """Its openings and recoveries beyond the eighth ask for nothing more."""
    from collector.storage.attaching import MOST_CAUSES, ask, due
    from incidents.timeline import new_entry

    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await incident_of(world, agent)
    now = world.clock.now()
    for seq in range(100, 130):
        entry = new_entry(
            code="SC26-0001", seq=seq, at=now, actor="machine:x", kind="recovered", data={},
            texts={}, salt="00" * 16, previous="0" * 64,
        )  # fmt: skip
        world.database.write_now(lambda c, e=entry: ask(c, 1, e))
    rows = world.database.read_now(
        lambda c: c.exec_driver_sql("SELECT count(*) FROM attachments").scalar()
    )
    assert rows == MOST_CAUSES * 2
    later = now + timedelta(hours=2)
    assert len(world.database.read_now(lambda c: due(c, later, limit=100))) == 2
