"""Silences and windows over the whole way: recorded and evaluated, told to nobody, then told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.mutes.keeper import MuteKeeper
from collector.storage.desk_store import DeskStore
from collector.storage.mutes import NewMute, add_mute, end_mute
from collector.storage.schema import decisions, mute_reports, outbox
from collector.targets.targets_file import read_targets
from tests.integration.collector.outages import Province
from tests.integration.collector.world import START, Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A, B = "H42.01", "H42.02"
AN = "person:Nguyễn Văn An"


class Muted(World):
    """A world in which silences begin and end as in the service."""

    def start(self) -> None:
        super().start()
        self.keeper = MuteKeeper(
            self.database,
            self.outages,
            self.desk(),
            self.changes,
            new_message_id=lambda: f"notice-{next(self.numbers)}",
            console_url="https://wan.example",
        )

    async def turn(self, advance_seconds: float = 0.0) -> Any:
        result = await super().turn(advance_seconds)
        await self.keeper.turn(self.clock.now())
        return result

    def mute(self, *, minutes: float = 120, after_minutes: float = 0, **fields: Any) -> int:
        """Let An make a silence, or a window."""
        starts_at = self.clock.now() + timedelta(minutes=after_minutes)
        values: dict[str, Any] = {
            "kind": "silence", "agent": "", "unit": "", "rule": "", "reason": "đang sửa",
            "owner": "", "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=minutes),
        } | fields  # fmt: skip
        now = self.clock.now()
        return int(self.database.write_now(lambda c: add_mute(c, NewMute(**values), AN, now)))

    def unmute(self, number: int) -> None:
        now = self.clock.now()
        assert self.database.write_now(lambda c: end_mute(c, number, AN, now))

    def state(self) -> list[tuple[str, str, bool]]:
        """Rule, what suppresses it, and whether it is an incident, of what fires."""
        return [
            (row["rule"], row["suppressed"], row["incident"] is not None)
            for row in self.rows()
            if row["resolved_at"] is None
        ]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Muted]:
    made = Muted(tmp_path, Clock())
    yield made
    made.database.close()


@pytest.fixture
async def agent(world: Muted) -> Agent:
    made = Agent("a-1", world.clock)
    world.enrol(made)
    await made.send(world, *disk(0.5))
    await world.turn(1)
    return made


async def fill(world: Muted, agent: Agent, ratio: float = 0.01) -> None:
    await agent.send(world, *disk(ratio))
    await world.turn(1)


@pytest.mark.parametrize(
    "scope",
    [{"agent": "a-1"}, {"unit": A}, {"rule": "FilesystemAlmostFull"}, {"unit": A, "agent": "a-1"}],
)
async def test_silenced_alert_is_recorded_and_told_when_the_silence_ends(
    world: Muted, agent: Agent, scope: dict[str, str]
) -> None:
    """By host, unit or rule: one row all the way, and an incident only afterwards."""
    number = world.mute(**scope)
    await world.turn(1)
    await fill(world, agent)
    assert world.state() == [("FilesystemAlmostFull", "silence", False)]
    assert world.rows()[0]["suppressed_by"] == str(number)
    assert world.incidents() == []

    world.unmute(number)
    await world.turn(1)
    await world.turn(1)
    assert world.state() == [("FilesystemAlmostFull", "", True)]
    assert len(world.rows()) == 1


async def test_silence_ends_by_itself(world: Muted, agent: Agent) -> None:
    """Two hours are two hours, also for a fault that lasts."""
    world.mute(agent="a-1")
    await world.turn(1)
    await fill(world, agent)
    world.clock.advance(7_190)
    await fill(world, agent)
    assert world.incidents() == []
    await fill(world, agent)
    world.clock.advance(10)
    await fill(world, agent)
    await world.turn(1)
    assert len(world.incidents()) == 1


async def test_fault_that_ends_within_its_silence_is_history_alone(
    world: Muted, agent: Agent
) -> None:
    """Its resolution is recorded; nobody ever hears of it."""
    number = world.mute(agent="a-1")
    await world.turn(1)
    await fill(world, agent)
    await fill(world, agent, 0.5)
    world.unmute(number)
    await world.turn(1)
    assert [row["resolved_at"] is None for row in world.rows()] == [False]
    assert world.incidents() == []


async def test_incident_that_pages_is_quiet_while_it_is_silenced(
    world: Muted, agent: Agent
) -> None:
    """Repeats stop, the deadline does not; when the silence is over it pages again.

    The repeats of a small fault wait for the morning, and the next day is a holiday.
    """
    await fill(world, agent)
    number = world.mute(agent="a-1", minutes=48 * 60)
    await world.turn(1)
    assert world.state() == [("FilesystemAlmostFull", "silence", True)]
    assert await pass_desk_time(world, minutes=23 * 60) == ["deadline_warning", "deadline_missed"]
    silent = [row["reason"] for row in world.rows(decisions) if not row["notify"]]
    assert "muted" in silent

    world.unmute(number)
    await world.turn(1)
    assert world.state() == [("FilesystemAlmostFull", "", True)]
    assert "repeat" in await pass_desk_time(world, minutes=24 * 60)


async def pass_desk_time(world: Muted, *, minutes: int) -> list[str]:
    """Let the desk take its turns; return the reasons of the pages that came of it."""
    desk, before = world.desk(), len(world.rows(outbox))
    for _ in range(minutes):
        world.clock.advance(60)
        now = world.clock.now()
        world.database.write_now(lambda c, at=now: desk.turn(DeskStore(c), at))
    return [row["reason"] for row in world.rows(outbox)[before:]]


async def test_worst_severity_cannot_be_silenced(world: Muted) -> None:
    """A collector that hears nobody is S1, whatever anybody silenced."""
    province = Province(world)
    province.add(A, "a", "b", "c")
    province.add(B, "d", "e", "f")
    await province.live(60)
    world.mute(rule="CollectorBlind")
    await world.turn(1)
    province.cut = set(province.agents)
    await province.live(90)
    assert province.told() == [("CollectorBlind", "collector")]
    assert [i["severity"] for i in world.incidents()] == ["S1"]


async def test_restart_within_a_silence_tells_nothing(world: Muted, agent: Agent) -> None:
    """What was muted is so after a kill, and is told when the silence ends."""
    number = world.mute(unit=A)
    await world.turn(1)
    await fill(world, agent)
    world.kill()
    await fill(world, agent)
    await world.turn(5)
    assert world.state() == [("FilesystemAlmostFull", "silence", False)]
    world.kill()
    world.unmute(number)
    await world.turn(1)
    assert world.incidents() == []
    await fill(world, agent)
    await world.turn(5)
    assert world.state() == [("FilesystemAlmostFull", "", True)]


async def test_maintenance_tells_its_owner_what_is_still_broken(world: Muted, agent: Agent) -> None:
    """A reminder before the end, a list at the end, and then the incident."""
    world.mute(kind="maintenance", unit=A, owner="Trực ca", reason="thay ổ đĩa")
    await world.turn(1)
    await fill(world, agent)
    assert world.state() == [("FilesystemAlmostFull", "maintenance", False)]
    assert notices(world) == []

    world.clock.advance(3_600)
    await fill(world, agent)
    assert notices(world) == ["SẮP HẾT BẢO TRÌ"]
    world.clock.advance(3_600)
    await fill(world, agent)
    await world.turn(1)
    await world.turn(1)
    assert notices(world) == ["SẮP HẾT BẢO TRÌ", "CÒN LỖI SAU BẢO TRÌ"]
    (report,) = world.rows(mute_reports)
    assert [item["rule"] for item in json.loads(report["items"])] == ["FilesystemAlmostFull"]
    assert world.state() == [("FilesystemAlmostFull", "", True)]


def notices(world: Muted) -> list[str]:
    rows = world.rows(outbox)
    return [row["subject"].split(" · ")[0] for row in rows if row["kind"] == "notice"]


async def test_weekly_maintenance_comes_and_goes(world: Muted, agent: Agent) -> None:
    """Mondays from nine to ten; what breaks within is told at ten."""
    assert START.isoformat() == "2026-11-23T01:00:00+00:00"  # Monday, 8:00
    world.mute(
        kind="maintenance", unit=A, weekly="T2 09:00-10:00", minutes=60 * 24 * 30, owner="Tổ CNTT"
    )
    await world.turn(1)
    await fill(world, agent)
    assert world.state() == [("FilesystemAlmostFull", "", True)]
    await fill(world, agent, 0.5)

    world.clock.advance(3_600)
    await world.turn(1)
    await agent.send(world, *disk(0.5), *disk(0.01, "/srv"))
    await world.turn(1)
    assert [row[1] for row in world.state()] == ["maintenance"]
    world.clock.advance(3_600)
    await agent.send(world, *disk(0.5), *disk(0.01, "/srv"))
    await world.turn(1)
    await world.turn(1)
    assert [row[1] for row in world.state()] == [""]


async def test_work_on_a_router_covers_what_is_reached_through_it(world: Muted) -> None:
    """The unit's silence and its hosts' are recorded; another unit's are told."""
    province = Province(world)
    province.add(A, "router", "server", "mail")
    province.add(B, "h0", "h1", "h2")
    world.targets = read_targets(
        "targets: [{name: rt-a, address: 10.0.0.1}]\nunits: [{unit: H42.01, via: [rt-a]}]"
    )
    world.fleet.set_targets(world.targets)
    await province.live(60)
    number = world.mute(kind="maintenance", agent="target:rt-a", owner="Tổ CNTT")
    await world.turn(1)
    province.cut = province.of(A)
    await province.live(120)
    assert province.told() == []
    assert province.children("maintenance") == [("UnitSilent", "unit:H42.01")]
    assert len(province.children()) == 3
    world.unmute(number)
    await province.live(30)
    assert province.told() == [("UnitSilent", "unit:H42.01")]
    assert len(world.incidents()) == 1
