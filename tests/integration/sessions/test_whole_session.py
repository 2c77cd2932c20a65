"""A session of thirty points from its pre-check to its report, every number of it recomputed.

Endpoints and reflectors are simulated: one agent at the centre reports what the test says of them,
through the real door, journal, rules, topology, desk and log; only the clock is driven.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from collector.evidence_files import EvidenceFiles
from collector.gathering.session import gather
from collector.jobs.jobs import Jobs
from collector.rush import rush_of
from collector.sessions.desk import SessionDesk
from collector.sessions.measurer import SessionMeasurer
from collector.sessions.readiness_desk import ReadinessDesk
from collector.sessions.readiness_tables import Answered
from collector.sessions.tightening import tighten
from collector.storage import session_checks
from collector.storage import sessions as store
from collector.storage.desk_store import DeskStore
from collector.storage.session_tables import session_incidents
from collector.targets.plans import Plans
from collector.targets.targets_file import read_targets
from incidents.actor import NOBODY
from incidents.incident import fold
from incidents.sessions.cells import Verdict
from incidents.sessions.entering import Draft, true_instant
from incidents.sessions.log import LogKind
from incidents.sessions.model import Point, Session, Stage
from incidents.sessions.policy import shipped_sessions
from incidents.sessions.thresholds import BY_CLASS
from tests.integration.collector.world import Agent, Clock, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

POINTS, STEP_SECONDS, AN = 30, 5, "person:An"
BEHIND_BRIDGE = tuple(range(1, 9))  # the second bridge, in cascade, carries these
LINE, DROPS, NO_SOUND, RED = 10, 20, 25, (29, 30)
LENGTH_SECONDS = 1_200
FORWARD = {"direction": "forward"}


def unit(number: int) -> str:
    """Return the code of a point's unit."""
    return f"H42.{number:02}"


def targets_text() -> str:
    """Return a targets.yaml of two bridges, thirty codecs and their paths, seen from the centre."""
    lines = [
        "targets:",
        "  - {name: mcu-1, address: 10.42.0.8, unit: TT, kind: conference, from: [TT/m1],",
        "     probes: [{probe: sip}]}",
        "  - {name: mcu-2, address: 10.42.0.9, unit: TT, kind: conference, from: [TT/m1],",
        "     probes: [{probe: sip}]}",
    ]
    for number in range(1, POINTS + 1):
        via = ", via: [mcu-2]" if number in BEHIND_BRIDGE else ""
        of = f"unit: {unit(number)}, from: [TT/m1]"
        lines += [
            f"  - {{name: codec-{number}, address: 10.43.0.{number}, kind: conference, {of}{via},",
            "     probes: [{probe: sip}]}",
            f"  - {{name: path-{number}, address: 10.44.0.{number}, kind: network, {of},",
            "     probes: [{probe: stamp}]}",
        ]
    return "\n".join(lines)


class Story(World):
    """The collector, the truth that is put in, and what technicians do."""

    def desk(self) -> Any:
        if not hasattr(self, "_desk"):
            self._desk = super().desk()
        return self._desk

    async def begin(self) -> None:
        """Put the agent, the desks and the keepers together, and plan the session."""
        self.agent = Agent("m1", self.clock)
        names = {unit(n): f"Xã {n}" for n in range(1, POINTS + 1)} | {"TT": "Văn phòng"}
        self.units.update({code: (name, "") for code, name in names.items()})
        self.enrol(self.agent, unit="TT", host="m1")
        policy = shipped_sessions(names)
        self.sessions = SessionDesk(
            self.desk(), policy, new_message_id=lambda: f"s{next(self.numbers)}"
        )
        self.sessions.adopt(policy, self.targets)
        self.desk().around = self.sessions.around_of
        self.readiness = ReadinessDesk(
            self.database, self.fleet, self.changes, BY_CLASS.__getitem__, policy.checks_before
        )
        self.alive = defaultdict(lambda: 1.0, {f"codec-{n}": 0.0 for n in RED[:1]})
        self.loss = defaultdict(lambda: 0.001, {RED[1]: 0.05})
        self.calls: dict[int, float] = dict.fromkeys(range(1, POINTS + 1), 0.0)
        self.truth: dict[int, list[tuple[float, float]]] = defaultdict(list)
        self.starts_at = self.clock.now() + timedelta(minutes=14)
        points = [
            Point(
                n, unit(n), f"Xã {n}", target=f"codec-{n}", path=f"path-{n}", is_main=n == 9,
                technician=f"Kỹ thuật {n}", is_confirmed=True,
            )
            for n in range(1, POINTS + 1)
        ]  # fmt: skip
        plan = Session(
            0, "Hội nghị trực tuyến tháng 11", "B", self.starts_at,
            self.starts_at + timedelta(seconds=LENGTH_SECONDS), bridge="mcu-1",
            conference="9001", points=tuple(points),
        )  # fmt: skip
        self.number = await self.write(lambda c: self.sessions.plan(c, plan, AN, self.clock.now()))

    async def write(self, work: Any) -> Any:
        return await self.database.write(work)

    def session(self) -> Session:
        found = self.database.read_now(lambda c: store.find(c, self.number))
        assert found is not None
        return found

    def samples(self) -> list[tuple[str, dict[str, str], float]]:
        """Return what the agent measures now."""
        found: list[tuple[str, dict[str, str], float]] = [
            ("wanwatch_probe_alive", {"target": name, "probe": "sip"}, self.alive[name])
            for name in ("mcu-1", "mcu-2")
        ]
        for n in range(1, POINTS + 1):
            codec, path = {"target": f"codec-{n}"}, {"target": f"path-{n}"}
            is_there = self.alive[f"codec-{n}"]
            found.append(("wanwatch_probe_alive", codec | {"probe": "sip"}, is_there))
            if is_there:
                found += [
                    ("wanwatch_endpoint_registered", codec | {"protocol": "sip"}, 1),
                    ("wanwatch_endpoint_uptime_seconds", codec, 90_000),
                    ("wanwatch_endpoint_calls", codec, self.calls[n]),
                    *(("wanwatch_endpoint_peripheral_up", codec | {"kind": k, "name": k}, 1)
                      for k in ("camera", "microphone", "display")),
                ]  # fmt: skip
                if self.calls[n]:
                    call = {"call": "1", "far_end": "9001", "protocol": "sip"}
                    found.append(("wanwatch_call_info", codec | call, 1))
            found += [
                ("wanwatch_probe_alive", path | {"probe": "stamp"}, 1),
                ("wanwatch_stamp_direction_lost_ratio", path | FORWARD, self.loss[n]),
                ("wanwatch_stamp_worst_window_lost_ratio", path, 0.002),
                ("wanwatch_stamp_jitter_seconds", path | FORWARD, 0.004),
                ("wanwatch_stamp_delay_seconds", path | FORWARD, 0.02),
                ("wanwatch_stamp_remarked_ratio", path | FORWARD, 0),
                ("wanwatch_stamp_rtt_mean_seconds", path, 0.04),
                ("wanwatch_path_mtu_bytes", path, 1_500),
            ]  # fmt: skip
        return found

    async def live(self, seconds: float) -> None:
        """Let time pass; the agent reports every five seconds, and the truth is noted."""
        for _ in range(round(seconds / STEP_SECONDS)):
            self.clock.advance(STEP_SECONDS)
            answer = await self.agent.send(self, *self.samples())
            assert answer.status == 202, answer
            if (session := self.session()).is_live:
                assert session.began_at is not None
                for n in range(1, POINTS + 1):
                    self.truth[n].append((self.clock.now().timestamp(), self.loss[n]))
            await self.turn()

    async def until(self, second: float) -> None:
        """Let time pass to a second of the session."""
        await self.live((self.at(second) - self.clock.now()).total_seconds())

    def at(self, second: float) -> datetime:
        """Return an instant of the session."""
        began = self.session().began_at
        assert began is not None
        return began + timedelta(seconds=second)

    async def enter(self, *drafts: Draft) -> list[int]:
        """Let the technician enter something; return the incidents that this changed."""
        now = self.clock.now()
        _, changed = await self.write(
            lambda c: self.sessions.enter(c, self.number, drafts, AN, now)
        )
        return list(changed)

    def of_session(self) -> list[Any]:
        """Return the states of the session's incidents, the first first."""

        def read(connection: Any) -> list[Any]:
            found = store.incidents_of(connection, self.number)
            tx = DeskStore(connection)
            return [fold(tx.timeline(number, lock=False)) for number in sorted(found)]

        return list(self.database.read_now(read))


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A collector whose clock stands, two points of which are red."""
    made = Story(tmp_path, Clock())
    made.database.close()
    made.targets = read_targets(targets_text())
    made.start()
    await made.begin()
    yield made
    await made.stop()


async def ready(story: Story) -> dict[int, Verdict]:
    """Have the points asked anew; return what each came to in the record that is kept."""

    def records() -> list[Any]:
        return list(story.database.read_now(lambda c: session_checks.newest(c, story.number)))

    before = len(records())
    await story.readiness.ask(story.number, AN, NOBODY, story.clock.now())
    for _ in range(60):
        await story.live(STEP_SECONDS)
        await story.readiness.turn(story.clock.now())
        if len(found := records()) > before:
            return {row.point.order: row.verdict for row in found[0].board.rows}
    raise AssertionError("no record was made")


async def found_before(story: Story) -> None:
    """Two points are red; they are mended, people answer the roll call, all is a go."""
    await story.live(30)
    found = await ready(story)
    assert {n for n, verdict in found.items() if verdict is Verdict.NO_GO} >= set(RED)
    story.alive["codec-29"], story.loss[30] = 1.0, 0.001
    for n in story.calls:
        story.calls[n] = 1.0  # in this session's conference
    await story.live(60)
    everybody = Answered(tuple(range(1, POINTS + 1)), "good", story.clock.now(), key="all")
    await story.readiness.answer(story.number, [everybody], AN, story.clock.now())
    assert set((await ready(story)).values()) == {Verdict.GO}


async def lived_through(story: Story) -> None:
    """A line degrades, a bridge takes eight points, a codec drops and comes back, sound is lost."""
    await story.until(120)
    story.loss[LINE] = 0.02
    await story.until(170)
    (line,) = story.of_session()
    assert line.around.in_session.points == (LINE,)
    assert await story.enter(Draft(LogKind.SYMPTOM, point=LINE, code="freeze", key="a"))
    await story.until(300)
    story.loss[LINE] = 0.001
    await story.until(310)
    await story.enter(Draft(LogKind.RESTORED, point=LINE, key="b"))

    await story.until(400)
    story.alive["mcu-2"] = 0.0
    for n in BEHIND_BRIDGE:
        story.alive[f"codec-{n}"], story.calls[n] = 0.0, 0.0
    await story.until(450)
    _, bridge = story.of_session()
    assert bridge.around.in_session.points == BEHIND_BRIDGE
    dropped = [Draft(LogKind.SYMPTOM, point=n, code="dropped", key=f"c{n}") for n in BEHIND_BRIDGE]
    await story.enter(*dropped, Draft(LogKind.SECRETARIAT, key="d"))
    await story.until(520)
    story.alive["mcu-2"] = 1.0
    for n in BEHIND_BRIDGE:
        story.alive[f"codec-{n}"], story.calls[n] = 1.0, 1.0
    await story.until(540)
    await story.enter(*(Draft(LogKind.RESTORED, point=n, key=f"e{n}") for n in BEHIND_BRIDGE))

    await story.until(700)
    story.alive[f"codec-{DROPS}"], story.calls[DROPS] = 0.0, 0.0
    await story.until(760)
    story.alive[f"codec-{DROPS}"], story.calls[DROPS] = 1.0, 1.0
    await story.until(900)
    # The browser was offline from 690 on, and its clock is a hundred seconds fast.
    sent_at, fast = story.clock.now() + timedelta(seconds=100), timedelta(seconds=100)
    for second, kind, code in ((705, LogKind.SYMPTOM, "dropped"), (765, LogKind.RESTORED, "")):
        at = true_instant(story.at(second) + fast, sent_at, story.clock.now())
        draft = Draft(kind, at=at, point=DROPS, code=code, key=f"offline-{second}")
        await story.enter(draft)
        await story.enter(draft)  # sent twice, kept once

    await story.until(1_000)
    before = len(story.of_session())
    await story.enter(Draft(LogKind.SYMPTOM, point=NO_SOUND, code="no_sound", key="f"))
    assert len(story.of_session()) == before + 1
    await story.enter(Draft(LogKind.ACTION, point=NO_SOUND, text="Đổi micro", key="g"))
    await story.until(1_060)
    await story.enter(Draft(LogKind.RESTORED, point=NO_SOUND, key="h"))
    await story.until(LENGTH_SECONDS)


async def measured(story: Story) -> None:
    """Let the samples be read out of the journal, by a process of its own."""
    jobs = Jobs(
        now=story.clock.now,
        new_id=lambda: f"j{next(story.numbers)}",
        environment={"WANWATCH_DATA": str(story.directory), "WANWATCH_DATABASE_URL": story.url},
    )
    files = SimpleNamespace(
        jobs=jobs,
        exports=story.directory / "exports",
        evidence=EvidenceFiles(story.directory / "evidence"),
    )
    parts: Any = SimpleNamespace(
        database=story.database, sessions=story.sessions, files=files, fleet=story.fleet,
        plans=Plans(story.fleet, monotonic=story.clock.monotonic), changes=story.changes,
    )  # fmt: skip
    measurer = SessionMeasurer(parts)
    await measurer.turn(story.clock.now())
    job = jobs.newest("session-samples")
    assert job is not None
    await asyncio.wait_for(jobs.wait(job), 60)
    assert job.state == "done", job.error
    await measurer.turn(story.clock.now())
    assert not list((story.directory / "exports").iterdir())


def minutes(seconds: float) -> str:
    """Return seconds as minutes as they are printed here."""
    exact = Decimal(round(seconds * 1000)) / 60_000
    return f"{exact.quantize(Decimal('0.1'), ROUND_HALF_UP)}".replace(".", ",").removesuffix(",0")


async def test_thirty_points_from_pre_check_to_report(story: Story) -> None:
    """Every number of the report follows from what was put in."""
    await found_before(story)
    story.clock.advance((story.starts_at - story.clock.now()).total_seconds())
    await story.write(
        lambda c: story.sessions.step(c, story.number, Stage.LIVE, AN, story.clock.now())
    )
    rush = rush_of([story.session()], story.targets, story.clock.now(), story.clock.monotonic())
    tighten(story.fleet, story.judge, rush.targets, story.clock.now())
    await lived_through(story)
    await story.write(
        lambda c: story.sessions.step(c, story.number, Stage.ENDED, AN, story.clock.now())
    )
    tighten(story.fleet, story.judge, (), story.clock.now())
    await story.live(600)
    item = {"owner": "Kỹ thuật 25", "due": "28/11/2026"}
    await story.enter(Draft(LogKind.ITEM, text="Thay micro", data=item, key="i"))
    await story.write(
        lambda c: story.sessions.close(c, story.number, AN, story.clock.now(), is_clean=False)
    )
    await story.live(5)
    await measured(story)

    incidents = story.of_session()
    assert len(incidents) == 4
    assert all(one.around.in_session.left_at is not None for one in incidents)
    sources: Any = SimpleNamespace(sessions=story.sessions)
    gathered = story.database.read_now(
        lambda c: gather(sources, c, "session", str(story.number), story.clock.now())
    )
    assert gathered is not None
    check(story, gathered.facts, incidents)


def check(story: Story, facts: Any, incidents: list[Any]) -> None:
    """Hold every figure against the truth."""
    lost = {LINE: 140, **dict.fromkeys(BEHIND_BRIDGE, 90), DROPS: 60, NO_SOUND: 60}
    away = dict.fromkeys(BEHIND_BRIDGE, 1) | {DROPS: 1}
    rows = {int(row[0]): row for row in facts["tham_du"]}
    for n, row in rows.items():
        share = 100 * (1 - lost.get(n, 0) / LENGTH_SECONDS)
        assert row[2:4] == ["Sẵn sàng", "Hình, tiếng tốt"]
        assert row[6:] == [
            str(away.get(n, 0)), minutes(lost.get(n, 0)), f"{share:.1f} %".replace(".", ","),
        ], n  # fmt: skip
    whole = 100 * (1 - sum(lost.values()) / (POINTS * LENGTH_SECONDS))
    assert facts["tong_so"] == (
        f"{len(lost)} hiện tượng, 4 sự cố; gián đoạn {minutes(sum(lost.values()))} phút tính trên "
        f"các điểm cầu; tỷ lệ sẵn sàng chung {f'{whole:.1f}'.replace('.', ',')} %."
    )
    for n, row in enumerate(facts["chat_luong"], start=1):
        values = sorted(value for _, value in story.truth[n])
        worst = values[-(-99 * len(values) // 100) - 1]
        expected = f"{100 * sum(values) / len(values):.2f} / {100 * worst:.2f}".replace(".", ",")
        assert row[1] == expected, n
        assert row[5] == ("Không đạt" if n == LINE else "Tốt")
    taken = [(one.acknowledged_at - one.detected_at).total_seconds() for one in incidents]
    assert [row[3] for row in facts["su_co"]] == [f"{minutes(t)} phút" for t in taken]
    assert incidents[0].detected_at - story.at(120) <= timedelta(seconds=45)
    assert facts["kiem_tra_truoc"][0][3].startswith("Xã 30, Xã 29, ")  # the worst first
    assert facts["kiem_tra_truoc"][-1][2:] == ["30/30 điểm cầu sẵn sàng", "–"]
    assert set(facts["bo_sot"].split(", ")) == {f"Xã {n}" for n in lost}
    assert facts["ton_tai"] == [["Thay micro", "Kỹ thuật 25", "28/11/2026"]]
    named = {row[2]: row[7] for row in facts["nhat_ky"]}
    assert len({named[f"Xã {n}"] for n in BEHIND_BRIDGE}) == 1
    kept(story)


def kept(story: Story) -> None:
    """Hold the raw samples: of ten minutes around what happened, of this session's agents."""
    log = story.database.read_now(lambda c: store.whole_log(c, story.number))
    (entry,) = [one for one in log if one.kind is LogKind.MEASURED]
    path = EvidenceFiles(story.directory / "evidence").path_of(entry.code)
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert len(lines) == entry.data["samples"] > 10_000
    assert {line["agent"] for line in lines} == {"m1"}
    first = story.at(120) - timedelta(minutes=10)
    assert min(line["at"] for line in lines) >= first.timestamp()
    linked = story.database.read_now(lambda c: c.execute(session_incidents.select()).all())
    assert len(linked) == 4
