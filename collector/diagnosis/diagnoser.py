"""Asks what an incident's runbooks say to look at as soon as it opens, and keeps the answers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from collector.diagnosis import answers
from collector.diagnosis.questions import is_active, questions_of
from collector.storage.diagnosed import newest, opened_after
from collector.targets.target_book import values_of
from collector.targets.targets import unit_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.changes import Changes
    from collector.diagnosis.questions import Question
    from collector.fleet import Fleet
    from collector.library import Library
    from collector.outages.graph import Graph
    from collector.probing.probing import Prober
    from collector.storage.database import Database
    from collector.storage.diagnosed import Opened
    from collector.targets.plans import Plans
    from collector.targets.target_values import Value
    from collector.targets.targets import Target
    from incidents.desk import Desk
    from incidents.desk_store import DeskTransaction
    from incidents.findings import Finding
    from incidents.state import Incident
    from runbooks.model import Check

# A call waits this long and no longer; what was not answered by then says so.
WAIT = timedelta(seconds=20)
ANSWER_SECONDS = 18.0
# An incident that opened longer ago than this when we began is left alone.
MOST_AGE = timedelta(seconds=60)


class Diagnoser:
    """One task for each incident that opens; nothing it asks changes anything.

    Args:
        graph: What lies on whose way.
        prober: Asks a target from the collector.
        new_id: Names a question.
        now, monotonic: Clocks.
    """

    def __init__(
        self,
        database: Database,
        desk: Desk,
        open_transaction: Callable[[Connection], DeskTransaction],
        fleet: Fleet,
        plans: Plans,
        graph: Graph,
        library: Library,
        prober: Prober,
        changes: Changes,
        *,
        new_id: Callable[[], str],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._database, self._desk, self._open = database, desk, open_transaction
        self._fleet, self._plans, self._graph = fleet, plans, graph
        self._library, self._prober, self._changes = library, prober, changes
        self._new_id, self._now, self._monotonic = new_id, now, monotonic
        self._seen: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def looks_into(self, incident: Incident) -> timedelta:
        """Return for how long a call about an incident that has just opened is worth waiting.

        Called in the thread that writes: it reads what is replaced as a whole, and nothing else.
        """
        targets = self._fleet.targets
        named = (t for t in targets.by_name.values() if incident.host in (t.name, t.label_vi))
        subject = next(named, None) if incident.host else None
        node = unit_node(incident.unit) if subject is None else subject.node
        above = [t for n in targets.uplinks.get(node, ()) if (t := targets.of_node(n)) is not None]
        checks = self._checks(incident.runbook, incident.class_code)
        return WAIT if is_active(questions_of(checks, subject, above)) else timedelta(0)

    async def run(self) -> None:
        """Look into every incident that opens, until cancelled."""
        with self._changes.subscribe() as news:
            while True:
                try:
                    await self.turn()
                except Exception as error:  # noqa: BLE001 - the next one is looked into
                    logger.opt(exception=error).error("incidents cannot be looked into for now")
                await news.next()

    async def turn(self) -> None:
        """Begin with each incident that opened since the last turn."""
        if self._seen is None:
            before = self._now() - MOST_AGE
            self._seen = await self._database.read(lambda c: newest(c, before))
        seen = self._seen
        for opened in await self._database.read(lambda c: opened_after(c, seen)):
            self._seen = max(self._seen, opened.incident)
            task = asyncio.create_task(self._guarded(opened))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait for what is under way: for whoever drives the clock."""
        await asyncio.gather(*self._tasks)

    async def _guarded(self, opened: Opened) -> None:
        try:
            await self._look_into(opened)
        except Exception as error:  # noqa: BLE001 - what is asked is a help and no more
            logger.opt(exception=error).error("an incident cannot be looked into")

    async def _look_into(self, opened: Opened) -> None:
        target = self._fleet.targets.of_node(opened.agent)
        node = opened.agent or unit_node(opened.unit)
        above = self._graph.targets_above(node)
        checks = self._checks(opened.runbook, opened.class_code)
        questions = questions_of(checks, target, above)
        if not is_active(questions):
            return
        begun = self._monotonic()
        name = self._new_id()
        asking = [asyncio.create_task(self._ask(one, opened, name)) for one in questions]
        done, late = await asyncio.wait(asking, timeout=ANSWER_SECONDS)
        for task in late:
            task.cancel()
        self._plans.forget(name)
        findings: list[Finding] = []
        for question, task in zip(questions, asking, strict=True):
            if task in done:
                findings += task.result()
            elif (missing := answers.unanswered(question, ANSWER_SECONDS)) is not None:
                findings.append(missing)
        took, now = self._monotonic() - begun, self._now()
        await self._database.write(
            lambda c: self._desk.found_out(self._open(c), opened.incident, findings, took, now)
        )
        self._changes.publish("incident", str(opened.incident))

    def _checks(self, runbook: str, class_code: str) -> list[Check]:
        named = self._library.get(runbook)
        books = [named] if named is not None else self._library.of_class(class_code)
        return [check for book in books for check in book.checks]

    async def _ask(self, question: Question, opened: Opened, name: str) -> list[Finding]:
        found: Finding | None = None
        if question.kind == "ping" and question.target is not None:
            found = answers.pinged(question, await self._prober.probe(question.target))
        elif question.kind == "measure":
            found = await self._measure(question, name)
        elif question.kind == "prober" and question.target is not None:
            found = self._heard(question.target)
        elif question.kind == "values":
            return answers.known_values(question.metric, self._known(question, opened.unit))
        return [] if found is None else [found]

    async def _measure(self, question: Question, name: str) -> Finding | None:
        target, ask = question.target, question.ask
        if target is None or ask is None:
            return None
        asked_at = self._now().timestamp()
        host = self._plans.ask_now(name, target, [ask])
        if host is None:
            return None
        with self._changes.subscribe() as news:
            while not (values := self._brought(target, ask.probe, asked_at)):
                await news.next()
        return answers.measured(question, values, f"{host.unit}/{host.host}")

    def _brought(self, target: Target, probe: str, since: float) -> list[Value]:
        """Return what an agent measured since an instant, once the probe has ended."""
        fresh = [one for one in self._values(target) if one.at >= since]
        ended = any(
            one.metric == "wanwatch_check_success" and one.labels.get("check") == probe
            for one in fresh
        )
        return fresh if ended else []

    def _values(self, target: Target) -> tuple[Value, ...]:
        place = self._fleet.places.known(target.node)
        return () if place is None else values_of(place, target, self._now().timestamp())

    def _heard(self, target: Target) -> Finding | None:
        host = self._plans.measuring(target.name)
        if host is None:
            return None
        by = f"{host.unit}/{host.host}"
        return answers.prober_heard(target, by, host.liveness, host.last_report_at)

    def _known(self, question: Question, unit: str) -> Iterable[tuple[str, Value]]:
        mine = question.target
        targets = [mine] if mine is not None else self._fleet.targets.by_name.values()
        for target in targets:
            if mine is not None or target.unit == unit:
                for value in self._values(target):
                    if value.metric == question.metric:
                        yield target.label_vi, value
