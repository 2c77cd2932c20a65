"""A collector without its HTTP side on real files, a clock that tests turn, and honest agents."""

from __future__ import annotations

import base64
import itertools
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from nacl.signing import SigningKey
from sqlalchemy import select

from agents.report import Event, Report, Sample, pack
from agents.segments import SegmentLog
from collector.alerts_in import Outside
from collector.alerts_in.book import OutsideBook
from collector.alerts_in.door import AlertsDoor
from collector.alerts_in.routes_file import OutsidePolicy
from collector.attendance import Attendance
from collector.changes import Changes
from collector.cycle import Cycle, TurnResult
from collector.fleet import AgentRow, Fleet, Host
from collector.intake import Answer, Door
from collector.inventory import UnitRow
from collector.judge import Judge
from collector.limits import Vitals
from collector.outages.outages import Outages
from collector.probing.probes import Probes
from collector.ranges import Received
from collector.replay import Replayed, start
from collector.rules.rulebook import load_rulebook
from collector.states import Handed
from collector.storage.alerts import AlertWriter
from collector.storage.database import Database, make_engine
from collector.storage.desk_store import DeskStore
from collector.storage.fleet import add_agent, replace_units
from collector.storage.schema import alerts, incidents, metadata
from collector.stream.journal import Journal
from collector.targets.plans import Plans
from collector.targets.targets import NO_TARGETS
from incidents.channels import load_policy
from incidents.desk import Desk
from incidents.procedure import load_procedure
from incidents.rulesets import only

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import RowMapping

    from collector.rules.rulebook import Rulebook
    from collector.targets.targets import Targets
    from incidents.procedure import Procedure

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
UNIT = "H42.01"
PROCEDURE = "incidents/procedures/vn-2026.yaml"
CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
recipients:
  - {name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3, S4]}
repeat: {S1: 5m, S2: 10m, S3: 30m, S4: 4h}
"""


class Clock:
    """Wall and monotonic time that only tests move."""

    def __init__(self) -> None:
        self.at = START
        self.seconds = 1_000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


class Agent:
    """An honest agent: it keeps what is not acknowledged and the last state it was given."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name, self.clock = name, clock
        self.key = SigningKey.generate()
        self.seq, self.state, self.oldest = 0, "", 1
        self.clock_error_seconds = 0.0

    def row(self, **changes: Any) -> AgentRow:
        fields: dict[str, Any] = {
            "id": self.name, "unit": UNIT, "host": f"máy-{self.name}", "kind": "server",
            "presence": "always", "public_key": bytes(self.key.verify_key),
            "interval_seconds": 10, "last_report_at": None, "boot": "",
            "received": Received(), "handed": Handed(),
        }  # fmt: skip
        return AgentRow(**{**fields, **changes})

    def body(self, *samples: tuple[str, dict[str, str], float], **changes: Any) -> bytes:
        """Pack the next report (or the one of `seq`)."""
        at = self.clock.now().timestamp() + self.clock_error_seconds
        ago = changes.pop("ago_seconds", 0.0)
        fields: dict[str, Any] = {
            "agent": self.name, "boot": "boot-1", "seq": self.seq, "oldest": self.oldest,
            "state": self.state, "sent_at": at,
            "samples": [Sample(*sample, at - ago) for sample in samples],
        }  # fmt: skip
        return pack(Report(**{**fields, **changes}))

    def sign(self, body: bytes) -> str:
        return base64.b64encode(self.key.sign(body).signature).decode()

    async def post(self, door: Door, body: bytes) -> Answer:
        answer = await door.accept(self.name, self.sign(body), "gzip", body)
        if answer.status == 202:
            self.state = answer.body["state"]
        return answer

    async def send(
        self, world: World, *samples: tuple[str, dict[str, str], float], **changes: Any
    ) -> Answer:
        """Send the next report; what is not acknowledged has been refused for a reason."""
        self.seq += 1
        return await self.post(world.door, self.body(*samples, **changes))


class World:
    """One collector process, from its files up; `restart` is what a kill and a start do."""

    def __init__(self, directory: Path, clock: Clock, *, url: str = "") -> None:
        self.directory, self.clock = directory, clock
        self.url = url or f"sqlite:///{directory / 'c.sqlite3'}"
        self.rulebook: Rulebook = load_rulebook(None)
        self.targets: Targets = NO_TARGETS
        self.outside_policy = OutsidePolicy()
        self.units = {UNIT: ("Xã Đường Sơn", ""), "H42.02": ("Xã B", "")}
        self.numbers = itertools.count()
        self.start()

    def start(self) -> None:
        self.database: Any = Database(make_engine(self.url))
        metadata.create_all(self.database.engine)
        self.stream: Any = Journal(SegmentLog(self.directory / "journal"), now=self.clock.now)
        self.changes = Changes(monotonic=self.clock.monotonic)
        self.fleet = Fleet(
            started_at=self.clock.now(), monotonic=self.clock.monotonic, own_unit=UNIT
        )
        self.vitals = Vitals()
        self.fleet.set_targets(self.targets)
        self.judge = Judge(self.fleet, self.rulebook, changes=self.changes)
        self.attendance, self.probes = Attendance(self.fleet), Probes()
        self.outages = Outages(
            self.fleet,
            self.judge,
            self.probes,
            usual=self.attendance.usual,
            procedure=read_procedure(),
        )
        self.book = OutsideBook(self.judge, self.outages, self.outside_policy)
        self.replayed: Replayed = start(
            self.database,
            self.stream,
            self.fleet,
            self.judge,
            self.outages,
            self.clock.now(),
            self.book,
        )
        self.build()

    def build(self) -> None:
        """Put the parts together; tests call it again after wrapping one."""
        self.door = Door(
            self.fleet,
            self.stream,
            secret=b"secret",
            vitals=self.vitals,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            known=Plans(self.fleet, monotonic=self.clock.monotonic).said,
        )
        now = self.clock.now
        self.alerts_door = AlertsDoor(
            self.door, self.stream, self.book, vitals=self.vitals, now=now
        )
        self.outside = Outside(self.book, self.alerts_door)
        self.cycle = Cycle(
            self.door,
            self.judge,
            self.outages,
            self.database,
            AlertWriter(self.desk(), DeskStore),
            self.changes,
            judged=self.replayed.judged,
            outside=self.outside,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
        )

    def desk(self) -> Any:
        paging = load_policy(CHANNELS, file="channels.yaml")
        return Desk(
            only(read_procedure()),
            paging,
            new_message_id=lambda: f"<{next(self.numbers)}.{id(self)}@test>",
            new_salt=lambda: f"{next(self.numbers):032x}",
        )

    def enrol(self, agent: Agent, **changes: Any) -> Host:
        row = agent.row(**changes)

        def write(connection: Any) -> None:
            units = [UnitRow(code, name, hours=hours) for code, (name, hours) in self.units.items()]
            replace_units(connection, units)
            add_agent(connection, row, enrolled_at=self.clock.now())

        self.database.write_now(write)
        self.fleet.set_units((code, *rest) for code, rest in self.units.items())
        return self.fleet.add(row)

    async def turn(self, advance_seconds: float = 0.0) -> TurnResult:
        self.clock.advance(advance_seconds)
        return await self.cycle.turn()

    async def pass_time(self, seconds: float, step_seconds: float = 1.0) -> None:
        """Let time pass as the loop would see it."""
        for _ in range(int(seconds / step_seconds)):
            await self.turn(step_seconds)

    def rows(self, table: Any = alerts) -> list[RowMapping]:
        read = self.database.read_now(lambda c: list(c.execute(select(table)).mappings()))
        return list(read)

    def incidents(self) -> list[RowMapping]:
        return self.rows(incidents)

    async def stop(self) -> None:
        await self.cycle.close()
        await self.stream.close()
        self.database.close()

    def kill(self) -> None:
        """End without a word: nothing that was in memory is written any more."""
        self.database.close()
        self.start()


@cache
def read_procedure() -> Procedure:
    with open(PROCEDURE, encoding="utf-8") as file:  # noqa: PTH123 - a test's own file
        return load_procedure(file.read(), file=PROCEDURE)


EVENT = Event("auth_failure", START.timestamp(), {}, "")


def disk(free_ratio: float, mountpoint: str = "/") -> list[tuple[str, dict[str, str], float]]:
    """The samples of a disk of a hundred bytes."""
    labels = {"device": "/dev/sda1", "mountpoint": mountpoint, "fstype": "ext4"}
    return [
        ("node_filesystem_avail_bytes", labels, free_ratio * 100),
        ("node_filesystem_size_bytes", labels, 100.0),
    ]
