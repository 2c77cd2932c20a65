"""One cause, one incident, one page: cut units, dead routers, dark communes, our own blindness."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agents.report import Event
from collector.liveness import Liveness
from collector.outages.topology import State
from collector.outages.usual import SLOTS, Day
from collector.probing.probes import Answer
from collector.rollup import UnitState
from collector.storage.schema import alerts, outbox
from collector.targets.targets_file import read_targets
from tests.integration.collector.outages import Province, silent
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A, B = "H42.01", "H42.02"
OFFICE_HOURS = "T2-T6 07:00-17:00"
EVENING = datetime(2026, 11, 23, 9, 50, tzinfo=UTC)  # 16:50 on a Monday


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


@pytest.fixture
async def province(world: World) -> Province:
    """Two units: a commune with four hosts, and an office that goes on reporting."""
    made = Province(world)
    made.add(A, "router", kind="network")
    made.add(A, "server", "mail", "files")
    made.add(B, *(f"h{n}" for n in range(9)))
    await made.live(60)
    return made


def pages(world: World) -> list[str]:
    """Return the first words of every page."""
    return [row["subject"].split(" · ")[0] for row in world.rows(outbox)]


async def test_cut_unit_is_one_incident_with_its_hosts_inside(province: Province) -> None:
    """One page names the unit; its hosts are recorded under it; their return recovers it all."""
    world = province.world
    province.cut = province.of(A)
    await province.live(45)
    assert world.rows() == []
    await province.live(25)

    assert province.told() == [("UnitSilent", "unit:H42.01")]
    assert province.children() == silent(province.of(A))
    assert province.incidents() == [(A, "kt_duong_truyen", "S2", "open")]
    assert world.incidents()[0]["title"] == "Mất liên lạc toàn bộ Xã Đường Sơn: 4 máy"
    unit_alert = next(row for row in world.rows() if row["rule"] == "UnitSilent")
    assert unit_alert["incident"] == world.incidents()[0]["id"]
    roots = {row["root_alert"] for row in world.rows() if row["rule"] == "AgentSilent"}
    assert roots == {unit_alert["id"]}

    await province.live(600)
    province.cut = set()
    await province.live(120)
    assert (province.told(), province.children()) == ([], [])
    assert province.incidents() == [(A, "kt_duong_truyen", "S2", "back")]
    assert [word for word in pages(world) if word == "MỚI"] == ["MỚI"]


async def test_one_dead_host_is_its_own_incident(province: Province) -> None:
    """Its unit is heard: nothing explains it, and it is told after the hold."""
    province.cut = {f"{A}-server"}
    await province.live(70)
    assert province.told() == silent(province.cut)
    assert province.incidents() == [(A, "kt_thiet_bi", "S3", "open")]


async def test_router_that_falls_first_does_not_page_before_its_unit(world: World) -> None:
    """Hosts with long intervals fall minutes later; until then the first one waits for them."""
    province = Province(world)
    province.add(A, "router", kind="network")
    province.add(A, "slow1", "slow2", interval_seconds=60)
    province.add(B, "other")
    await province.live(180)
    province.cut = province.of(A)
    await province.live(130)
    assert province.told() == []
    await province.live(120)
    assert province.told() == [("UnitSilent", "unit:H42.01")]
    assert len(world.incidents()) == 1


async def test_child_that_stays_down_is_told_when_its_unit_is_back(province: Province) -> None:
    """After the pause in which its agent may still be, as an incident of its own."""
    world = province.world
    province.cut = province.of(A)
    await province.live(300)
    province.cut = {f"{A}-server"}
    await province.live(60)
    assert province.told() == []
    assert province.incidents() == [(A, "kt_duong_truyen", "S2", "back")]
    await province.live(60)
    assert province.told() == silent(province.cut)
    assert len(world.incidents()) == 2
    child = next(row for row in world.rows() if row["agent"] == f"{A}-server")
    assert child["root_alert"] is not None  # it stays in the file of the unit's incident


async def test_unit_that_returns_host_by_host_is_no_partly_silent_one(province: Province) -> None:
    """Its hosts come back one after the other, as their pauses end: nothing new is even written.

    Those that do not are a part of it that stays away, once they had the time to come back.
    """
    province.cut = away = province.of(B)
    await province.live(300)
    for agent in sorted(away)[:6]:
        province.cut = province.cut - {agent}
        await province.live(10)
        assert province.world.outages.units.watch(B).state is UnitState.HEARD
    rules = {row["rule"] for row in province.world.rows()}
    assert rules == {"UnitSilent", "AgentSilent"}
    assert len(province.world.incidents()) == 1

    await province.live(300)
    assert ("UnitPartlySilent", "unit:H42.02") in province.told()
    assert len(province.world.incidents()) == 2


async def test_blip_of_a_line_tells_nobody(province: Province) -> None:
    """Back within the hold: history, and no incident."""
    province.cut = province.of(A)
    await province.live(45)
    province.cut = set()
    await province.live(60)
    assert province.incidents() == []
    assert {row["resolved_at"] is None for row in province.world.rows()} <= {False}


async def test_third_of_a_unit_is_told_as_one(province: Province) -> None:
    """Three of nine at once: a switch, not three incidents."""
    province.cut = {f"{B}-h0", f"{B}-h1", f"{B}-h2"}
    await province.live(80)
    assert province.told() == [("UnitPartlySilent", "unit:H42.02")]
    assert province.children() == silent(province.cut)
    assert province.incidents() == [(B, "kt_thiet_bi", "S3", "open")]
    province.cut = set()
    await province.live(30)
    assert province.incidents() == [(B, "kt_thiet_bi", "S3", "back")]


async def test_unit_that_follows_its_part_joins_the_same_incident(province: Province) -> None:
    """What was told as a part becomes worse; it is no second incident."""
    province.cut = {f"{B}-h0", f"{B}-h1", f"{B}-h2"}
    await province.live(80)
    province.cut = province.of(B)
    await province.live(80)
    assert province.told() == [
        ("UnitPartlySilent", "unit:H42.02"),
        ("UnitSilent", "unit:H42.02"),
    ]
    assert province.incidents() == [(B, "kt_thiet_bi", "S2", "open")]
    assert pages(province.world) == ["MỚI", "TĂNG MỨC"]


async def test_people_switch_their_machines_off_without_an_alert(world: World) -> None:
    """One that need not be on is missed with its unit only, and listed there."""
    province = Province(world)
    province.add(A, "server", "mail")
    province.add(A, "pc1", "pc2", kind="workstation", presence="working_hours")
    province.add(B, "other")
    await province.live(60)
    province.cut = {f"{A}-pc1"}
    await province.live(120)
    assert world.rows() == []
    province.cut = province.of(A)
    await province.live(90)
    assert province.told() == [("UnitSilent", "unit:H42.01")]
    assert province.children() == silent(province.of(A))
    province.cut = {f"{A}-pc1", f"{A}-pc2"}
    await province.live(180)
    assert (province.told(), province.children()) == ([], [])
    assert len(world.incidents()) == 1


async def test_commune_that_cuts_the_mains_is_off_hours_until_it_is_expected(
    tmp_path: Path,
) -> None:
    """At 17:00 without a goodbye: no alert, not green; on Tuesday at 8:00 it is missed."""
    clock = Clock()
    clock.at = EVENING
    world = World(tmp_path, clock)
    province = Province(world)
    province.add_unit(A, hours=OFFICE_HOURS)
    province.add(A, "router", "server")
    province.add(A, "pc", kind="workstation", presence="working_hours")
    province.add(B, "h0", "h1", "h2")
    await province.live(595)
    province.cut = province.of(A)
    await province.live(120)
    states = {name: world.fleet.hosts[name].liveness for name in province.of(A)}
    assert set(states.values()) == {Liveness.OFF_HOURS}
    assert world.rows() == []

    clock.advance(14.5 * 3_600)  # 7:32; one comes, the others are not expected yet
    province.cut = {f"{A}-server", f"{A}-router"}
    await province.live(1_200)
    assert world.rows() == []
    await province.live(600)
    assert province.told() == silent(province.cut)
    world.database.close()


async def test_host_that_dies_alone_at_night_is_told_although_its_unit_has_hours(
    tmp_path: Path,
) -> None:
    """Others of its unit are heard: the mains are on."""
    clock = Clock()
    clock.at = EVENING + timedelta(hours=3)
    world = World(tmp_path, clock)
    province = Province(world)
    province.add_unit(A, hours=OFFICE_HOURS)
    province.add(A, "router", "server")
    province.add(B, "h0", "h1")
    await province.live(60)
    province.cut = {f"{A}-server"}
    await province.live(80)
    assert province.told() == silent(province.cut)
    world.database.close()


def habit(unit: str, *, off_from_slot: int) -> list[Day]:
    """A fortnight in which a unit was heard from 7:00 until a half hour, every day."""
    slots = tuple((4, 4) if 14 <= slot < off_from_slot else (0, 0) for slot in range(SLOTS))
    first = date(2026, 11, 9)
    return [Day(unit, "server", first + timedelta(days=n), 4, slots) for n in range(14)]


async def test_silence_that_is_usual_at_this_hour_is_recorded_and_not_told(
    tmp_path: Path,
) -> None:
    """Nobody gave hours, former working days did; when the habit ends, it is told."""
    clock = Clock()
    clock.at = EVENING + timedelta(minutes=30)  # 17:20
    world = World(tmp_path, clock)
    world.attendance.load(habit(A, off_from_slot=34))
    province = Province(world)
    province.add(A, "router", "server", "mail", "files")
    province.add(B, *(f"h{n}" for n in range(9)))
    await province.live(60)
    province.cut = province.of(A)
    await province.live(120)
    assert province.told() == []
    assert province.children("usual") == [("UnitSilent", "unit:H42.01")]
    assert province.children() == silent(province.of(A))

    clock.advance(13 * 3_600 + 2_400)  # 7:00 the next day
    await province.live(1_500)
    assert province.told() == [("UnitSilent", "unit:H42.01")]
    world.database.close()


async def test_many_units_at_once_are_one_incident(world: World) -> None:
    """Four communes on one route: one page, units and hosts inside; then all is recovered."""
    province = Province(world)
    for code in ("C1", "C2", "C3", "C4"):
        province.add_unit(code)
        province.add(code, "router", "server", "mail")
    province.add(B, *(f"h{n}" for n in range(9)))
    await province.live(60)
    province.cut = province.of("C1", "C2", "C3", "C4")
    await province.live(90)
    assert province.told() == [("MassSilence", "collector")]
    units = [("UnitSilent", f"unit:C{n}") for n in range(1, 5)]
    assert province.children() == sorted([*silent(province.cut), *units])
    (incident,) = world.incidents()
    assert incident["title"] == "12 máy của 4 đơn vị cùng mất liên lạc"
    assert (incident["severity"], incident["scope"]) == ("S1", "P4")  # most units of this province
    roots = {row["root_alert"] for row in world.rows() if row["rule"] != "MassSilence"}
    assert len(roots) == 1

    await province.live(300)
    province.cut = {"C1-server"}
    await province.live(200)
    assert world.incidents()[0]["recovered_at"] is not None
    assert province.told() == silent(province.cut)
    assert [word for word in pages(world) if word == "MỚI"] == ["MỚI", "MỚI"]


async def test_collector_that_hears_nobody_pages_for_itself_alone(province: Province) -> None:
    """Its own uplink: one incident of its own, and no host or unit is called silent."""
    world = province.world
    province.cut = set(province.agents)
    await province.live(600)
    assert province.told() == [("CollectorBlind", "collector")]
    assert province.children() == []
    assert [i["severity"] for i in world.incidents()] == ["S1"]

    province.cut = {f"{A}-server"}
    await province.live(60)
    assert province.told() == []
    assert world.incidents()[0]["recovered_at"] is not None
    await province.live(60)
    assert province.told() == silent(province.cut)


async def test_collector_that_sheds_believes_no_silence(province: Province) -> None:
    """Whoever was refused for our own sake is not silent; that we are behind is told."""
    world = province.world
    province.cut = province.of(A)
    for _ in range(30):
        world.door.results["shed_loop"] += 1
        await province.live(10)
    assert province.told() == [("CollectorBehind", "collector")]
    assert province.children() == []
    await province.live(200)
    assert province.told() == [("UnitSilent", "unit:H42.01")]


ROUTERS = """
targets:
  - {name: core, vi: Bộ định tuyến lõi, address: 10.0.0.1}
  - {name: rt-a, vi: Bộ định tuyến xã A, address: 10.42.0.1, region: Bắc, via: [core]}
  - {name: 4g-a, vi: Đường 4G xã A, address: 10.43.0.1, region: Bắc}
units:
  - {unit: H42.01, via: [rt-a]}
"""
TWO_LINES = ROUTERS.replace("via: [rt-a]", "via: [rt-a, 4g-a]")


def route(world: World, text: str) -> None:
    world.targets = read_targets(text)
    world.fleet.set_targets(world.targets)


def answer(world: World, **states: State) -> None:
    """Answer what is asked, as a prober would; what has no answer stays open."""
    for name in list(world.probes.wanted):
        state = states.get(name.replace("-", "_"))
        if state is not None:
            del world.probes.wanted[name]
            at = world.clock.now().timestamp()
            world.probes.answered(name, Answer(state, at, "collector"))


async def ask_and_live(province: Province, seconds: float, **states: State) -> None:
    for _ in range(int(seconds / 5)):
        await province.live(5)
        answer(province.world, **states)


async def test_dead_router_is_one_incident_that_names_it(province: Province) -> None:
    """Seen from the collector; the unit and its hosts are inside; class and scope are a unit's."""
    world = province.world
    route(world, ROUTERS)
    province.cut = province.of(A)
    await ask_and_live(province, 90, rt_a=State.DOWN, core=State.UP)
    assert province.told() == [("TargetDown", "target:rt-a")]
    assert province.children() == [*silent(province.of(A)), ("UnitSilent", "unit:H42.01")]
    (incident,) = world.incidents()
    assert incident["title"] == (
        "Bộ định tuyến xã A không trả lời, đo từ máy chủ thu thập; các máy phía sau mất liên lạc"
    )
    assert province.incidents() == [(A, "kt_duong_truyen", "S2", "open")]

    province.cut = set()
    await ask_and_live(province, 120, rt_a=State.UP, core=State.UP)
    assert (province.told(), province.children()) == ([], [])
    assert province.incidents() == [(A, "kt_duong_truyen", "S2", "back")]


@pytest.mark.parametrize(
    ("states", "root"),
    [
        ({"rt_a": State.DOWN, "core": State.DOWN}, ("TargetDown", "target:core")),
        ({"rt_a": State.DOWN, "core": State.UNKNOWN}, ("TargetDown", "target:rt-a")),
        ({"rt_a": State.UP, "core": State.UP}, ("UnitSilent", "unit:H42.01")),
        ({"rt_a": State.UNKNOWN, "core": State.UNKNOWN}, ("UnitSilent", "unit:H42.01")),
        ({}, ("UnitSilent", "unit:H42.01")),
    ],
)
async def test_highest_node_that_is_known_to_be_down_is_told(
    province: Province, states: dict[str, State], root: tuple[str, str]
) -> None:
    """No answer from a prober, or one that cannot tell, is not "down"."""
    route(province.world, ROUTERS)
    province.cut = province.of(A)
    await ask_and_live(province, 110, **states)
    assert province.told() == [root]
    assert len(province.world.incidents()) == 1


@pytest.mark.parametrize(
    ("line", "root"),
    [(State.UP, ("UnitSilent", "unit:H42.01")), (State.DOWN, ("TargetDown", "target:rt-a"))],
)
async def test_unit_with_two_lines_is_explained_when_both_are_down(
    province: Province, line: State, root: tuple[str, str]
) -> None:
    """One line that is up leaves the unit to answer for itself."""
    route(province.world, TWO_LINES)
    province.cut = province.of(A)
    await ask_and_live(province, 90, rt_a=State.DOWN, core=State.UP, **{"4g_a": line})
    assert root in province.told()
    if line is State.UP:
        assert ("UnitSilent", "unit:H42.01") not in province.children()


async def test_router_that_carries_reports_is_not_down(province: Province) -> None:
    """It only does not answer probes: a silent host behind it is told by itself."""
    route(province.world, ROUTERS)
    province.cut = {f"{A}-server"}
    await ask_and_live(province, 110, rt_a=State.DOWN, core=State.DOWN)
    assert province.told() == silent(province.cut)
    assert all(row["rule"] == "AgentSilent" for row in province.world.rows())


async def test_restart_amid_an_outage_changes_nothing(province: Province) -> None:
    """The same rows before and after a kill; what came back meanwhile is told to have."""
    world = province.world
    province.cut = province.of(A)
    await province.live(120)
    before = [(row["id"], row["rule"]) for row in world.rows()]
    world.kill()
    await province.live(200)
    assert [(row["id"], row["rule"]) for row in world.rows()] == before
    assert province.told() == [("UnitSilent", "unit:H42.01")]
    assert len(world.incidents()) == 1

    world.kill()
    province.cut = {f"{A}-server"}
    await province.live(300)
    assert province.told() == silent(province.cut)
    assert province.incidents()[0][3] == "back"
    assert len(world.incidents()) == 2


async def test_restart_amid_a_mass_silence_changes_nothing(world: World) -> None:
    """Neither is it told again, nor are its units told one by one."""
    province = Province(world)
    for code in ("C1", "C2", "C3", "C4"):
        province.add_unit(code)
        province.add(code, "router", "server", "mail")
    province.add(B, *(f"h{n}" for n in range(9)))
    await province.live(60)
    province.cut = province.of("C1", "C2", "C3", "C4")
    await province.live(120)
    world.kill()
    await province.live(300)
    assert province.told() == [("MassSilence", "collector")]
    assert len(world.incidents()) == 1
    province.cut = set()
    await province.live(200)
    assert (province.told(), province.children()) == ([], [])
    assert len(world.incidents()) == 1


async def say_goodbye(world: World, agent: Agent, why: str = "shutdown") -> None:
    at = world.clock.now().timestamp()
    await agent.send(world, *disk(0.5), events=[Event("agent.goodbye", at, {"why": why}, "")])
    await world.turn()


async def test_orderly_shutdown_is_its_own_state(world: World) -> None:
    """A workstation is off; a server is on the worklist; neither is an incident, nor lost."""
    province = Province(world)
    province.add(A, "server", "mail")
    province.add(A, "pc", kind="workstation", presence="working_hours")
    await province.live(60)
    province.cut = {f"{A}-server", f"{A}-pc"}
    for name in sorted(province.cut):
        await say_goodbye(world, province.agents[name])
        assert world.fleet.hosts[name].liveness is Liveness.STOPPED
    await province.live(300)
    assert [(row["rule"], row["agent"], row["outcome"]) for row in world.rows()] == [
        ("AgentStopped", f"{A}-server", "worklist")
    ]
    world.kill()
    await province.live(300)
    assert world.fleet.hosts[f"{A}-server"].liveness is Liveness.STOPPED
    assert len(world.rows()) == 1

    province.cut = set()
    await province.live(30)
    assert [row["resolved_at"] is None for row in world.rows()] == [False]


async def test_backlog_takes_back_no_goodbye(world: World) -> None:
    """Only a newer report does."""
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    await agent.send(world, *disk(0.5))
    agent.seq += 1  # kept back by the agent, delivered last
    kept = agent.body(*disk(0.5), ago_seconds=60.0)
    await say_goodbye(world, agent, "stop")
    await agent.post(world.door, kept)
    await world.turn(1)
    assert world.fleet.hosts["a-1"].liveness is Liveness.STOPPED
    assert world.fleet.hosts["a-1"].farewell == "stop"


async def test_every_silence_that_is_recorded_only_says_why(province: Province) -> None:
    """No alert is open, untold and unexplained."""
    province.cut = province.of(A)
    await province.live(90)
    for row in province.world.rows(alerts):
        assert (row["incident"] is None) is (row["suppressed"] != "")


async def test_host_that_nobody_approved_says_nothing_about_its_unit(province: Province) -> None:
    """Going on, it hides no cut unit; many that fall silent everywhere are no mass outage."""
    province.add(A, "stranger", is_approved=False)
    for unit in (B, "H42.03", "H42.04"):
        province.add_unit(unit)
        province.add(unit, *(f"stranger{n}" for n in range(9)), is_approved=False)
    await province.live(60)
    strangers = {name for name in province.agents if "stranger" in name}
    province.cut = (province.of(A) | strangers) - {f"{A}-stranger"}
    await province.live(90)

    assert province.told() == [("UnitSilent", "unit:H42.01")]
    assert province.children() == silent(province.of(A) - strangers)
