"""A past that tests put under other rules: a simulated province, recorded by a whole collector."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agents.report import SIGNATURE_HEADER
from collector import housekeeping, settings
from collector.alerts_in.sources import AMTOOL
from collector.alerts_in.wire import Form
from collector.mutes.keeper import MuteKeeper
from collector.policy import policy
from collector.simulation.effects import effect_of
from collector.simulation.enrolment import enrol, write_province
from collector.simulation.faults import Fault, Where, strike
from collector.simulation.identities import identity_of
from collector.simulation.province import Province, make_province
from collector.simulation.reporter import Reporter
from collector.storage.desk_store import DeskStore
from collector.storage.mutes import NewMute, add_mute, end_mute
from collector.storage.outbox_store import OutboxStore
from collector.storage.schema import incidents
from incidents.commands import Acknowledge
from incidents.delivery import Delivery
from incidents.desk import Desk
from tests.integration.collector.world import START, Clock, World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from collector.policy.policy import Policy
    from incidents.outbox import Message

INTERVAL_SECONDS = 30
CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, port: MAIL_PORT, from: wanwatch@example.vn}
recipients:
  - {name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3, S4]}
  - {name: Lãnh đạo, channel: mail, address: lanhdao@example.vn, severities: [S1]}
repeat: {S1: 5m, S2: 5m, S3: 10m, S4: 4h}
"""
# Quicker than the shipped one, so that a short past is enough.
RULES = """
rules:
  - name: MemoryHigh
    value: last(wanwatch_memory_used_ratio)
    warning: {above: 0.90}
    critical: {above: 0.95}
    for: 2m
    clear: 0.03
    class: kt_qua_tai
    runbook: memory-high
    summary: {vi: "Bộ nhớ của {host} đã dùng {value_percent}", en: "{host} uses {value_percent}"}
"""


@dataclass
class Recorded:
    """What was recorded: the directory of a collector that has stopped.

    Attributes:
        until: When the last turn was.
        left: Messages that left: when, and what.
    """

    data: Path
    since: datetime
    until: datetime
    left: list[tuple[datetime, Message]]

    @property
    def settings(self) -> settings.Settings:
        return settings.load(None, {}, {"data": self.data})


class _Receiver:
    """A channel that notes what left by it."""

    limit_seconds, at_once = 1.0, 50

    def __init__(self, clock: Clock, left: list[tuple[datetime, Message]]) -> None:
        self._clock, self._left = clock, left
        self.reach = "inside"

    async def send(self, message: Message) -> str:
        self._left.append((self._clock.now(), message))
        return ""


class Living(World):
    """A whole collector of a policy: evaluation, desk, mutes and messages, its clock turned."""

    policy: Policy

    def __init__(self, data: Path, clock: Clock, chosen: Policy) -> None:
        self.policy, self.left = chosen, []
        super().__init__(data, clock)

    left: list[tuple[datetime, Any]]

    def start(self) -> None:
        self.rulebook, self.targets = self.policy.rulebook, self.policy.targets
        self.url = f"sqlite:///{self.directory / 'collector.sqlite3'}"
        super().start()
        self.fleet.calendar = self.policy.procedure.calendar
        self.fleet.set_expectations(policy=self.policy.hours)
        self.at_desk: Desk = self.cycle._writer._desk  # type: ignore[assignment]
        outbox = OutboxStore(self.database, self.policy.paging.storm)
        receiver: Any = _Receiver(self.clock, self.left)
        self.delivery = Delivery(
            outbox, {"mail": receiver}, self.policy.paging.delivery, jitter=lambda: 0.5
        )
        self.mutes = MuteKeeper(
            self.database, self.outages, self.at_desk, self.changes, new_message_id=lambda: "x"
        )

    def desk(self) -> Desk:
        return Desk(
            self.policy.rulesets,
            self.policy.paging,
            new_message_id=lambda: f"<{next(self.numbers)}@test>",
            new_salt=lambda: f"{next(self.numbers):032x}",
        )

    async def second(self) -> None:
        """Let a second pass for everything that a collector does."""
        await self.turn(1.0)
        now = self.clock.now()
        due_at = self.database.read_now(housekeeping.next_turn_at)
        if due_at is not None and due_at <= now:
            self.database.write_now(lambda c: self.at_desk.turn(DeskStore(c), now))
        await self.delivery.turn(now)
        if now.second % 5 == 0:
            await self.mutes.turn(now)
            self.attendance.sample(now)


def make_policy(data: Path, province: Province, *, mail_port: int = 25) -> Policy:
    """Write the policy of a province and return it."""
    folder = data / "policy"
    folder.mkdir(parents=True)
    channels = CHANNELS.replace("MAIL_PORT", str(mail_port))
    (folder / "channels.yaml").write_text(channels, encoding="utf-8")
    write_province(folder, province)
    (folder / "rules" / "quick.yaml").write_text(RULES, encoding="utf-8")
    return policy.load(folder)


def faults() -> list[Fault]:
    """Memory fills on two servers, a unit is cut off, a machine loses its power."""
    return [
        Fault("memory_fills", 240, 500, Where(kind="server", hosts=2)),
        Fault("memory_fills", 600, 300, Where(kind="shared", hosts=1)),
        Fault("link_cut", 400, 420, Where(unit="MP.002", hosts=None)),
        Fault("power_off", 700, 400, Where(kind="server", unit="MP.000", hosts=1)),
        Fault("service_dies", 300, 300, Where(kind="server", hosts=1)),
    ]


async def record(data: Path, *, seconds: int = 1_320, mail_port: int = 25) -> Recorded:
    """Run a province for a while and leave its collector's files behind."""
    province = make_province(7, units=4, hosts=16)
    chosen = make_policy(data, province, mail_port=mail_port)
    clock = Clock()
    config = settings.load(None, {}, {"data": data})
    enrol(config, province, interval_seconds=INTERVAL_SECONDS, now=START)
    world = Living(data, clock, chosen)
    reporters = [Reporter(host, identity_of(host), "x") for host in province.hosts]
    struck = strike(province, faults())
    for elapsed in range(seconds):
        await _report(world, reporters, struck, elapsed)
        if elapsed == 990:
            said = await world.alerts_door.accept(AMTOOL, Form.API, said_outside(clock.now()))
            assert said.status == 200, said
        await world.second()
        _people(world, elapsed)
    until = clock.now()
    await world.stop()
    for segment in (data / "journal").iterdir():  # the disk's clock is not the driven one
        os.utime(segment, (until.timestamp(), until.timestamp()))
    return Recorded(data, START, until, world.left)


def said_outside(now: datetime) -> bytes:
    """Return what a Prometheus says: an alert of a program that has no agent, for five minutes."""
    labels = {
        "alertname": "QueueFull",
        "severity": "critical",
        "unit": "MP.001",
        "host": "cong-van",
    }
    ends_at = (now + timedelta(minutes=5)).isoformat()
    alert = {"labels": labels, "startsAt": now.isoformat(), "endsAt": ends_at}
    return json.dumps([alert]).encode()


async def _report(
    world: Living, reporters: Sequence[Reporter], struck: dict[str, list[Fault]], elapsed: int
) -> None:
    for place, reporter in enumerate(reporters):
        if (elapsed + place * 7) % INTERVAL_SECONDS:
            continue
        effect = effect_of(struck.get(reporter.host.name, []), elapsed)
        if effect.is_off or effect.is_cut_off:
            continue
        head, _, body = reporter.request(world.clock.now().timestamp(), effect).partition(
            b"\r\n\r\n"
        )
        signature = next(
            line.partition(": ")[2]
            for line in head.decode().splitlines()
            if line.startswith(SIGNATURE_HEADER)
        )
        answer = await world.door.accept(reporter.identity.agent, signature, "gzip", body)
        assert answer.status == 202, answer
        reporter.state, reporter.seq = answer.body["state"], reporter.seq + 1


def _people(world: Living, elapsed: int) -> None:
    """Somebody silences a rule for a while, and acknowledges the first incident."""
    now = world.clock.now()
    if elapsed == 650:
        quiet = NewMute(
            "silence", "", "", "MemoryHigh", "Đang sửa", "An", now, now + timedelta(hours=1)
        )
        world.database.write_now(lambda c: add_mute(c, quiet, "person:an", now))
    if elapsed == 820:
        world.database.write_now(lambda c: end_mute(c, 1, "person:an", now))
    if elapsed == 560:
        first = min(row.id for row in world.rows(incidents))
        world.database.write_now(
            lambda c: world.at_desk.command(DeskStore(c), first, Acknowledge(), "person:an", now)
        )
