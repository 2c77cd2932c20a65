"""Keeps what the pages at the machines may say ready to be sent with the answers to reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.known import contacts, matters
from collector.storage.queries.known import load_contacts, load_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.changes import Changes
    from collector.fleet import Fleet, Host
    from collector.judge import Judge
    from collector.known import Matter
    from collector.storage.database import Database
    from incidents.procedure import Procedure

Words = dict[str, msgspec.Raw]
NOTHING: Words = {}
_encode = msgspec.json.Encoder().encode


class KnownDesk:
    """Its turn reads the tables when something changed; `of` is two look-ups and no more."""

    def __init__(
        self,
        database: Database,
        fleet: Fleet,
        judge: Judge,
        changes: Changes,
        procedure: Procedure,
    ) -> None:
        self._database, self._fleet, self._judge = database, fleet, judge
        self._changes, self._procedure = changes, procedure
        self._of_agents: dict[str, Words] = {}
        self._of_units: dict[str, Words] = {}
        self._seen: tuple[object, ...] = ()

    def of(self, host: Host) -> Mapping[str, msgspec.Raw]:
        """Return `known` and `contact` of `agents.report.Accepted` as JSON.

        Before the tables were read there is nothing, and nothing for a key that nobody approved.
        """
        if not host.is_approved:
            return NOTHING
        return self._of_agents.get(host.agent) or self._of_units.get(host.unit, NOTHING)

    def adopt(self, procedure: Procedure) -> None:
        """Take over another procedure: it says what is not spoken of."""
        self._procedure = procedure

    async def turn(self) -> None:
        """Make it anew if anything changed that it is made of."""
        counts = self._changes.counts
        rulebook, procedure, version = self._judge.rulebook, self._procedure, self._fleet.version
        seen = (counts["alert"], counts["incident"], rulebook, procedure, version)
        if seen == self._seen:
            return
        inside = procedure.natures_inside
        known, whom = await self._database.read(
            lambda c: (load_known(c, inside), contacts(load_contacts(c)))
        )
        told = {
            rule.name
            for rule in rulebook.rules
            if procedure.classes[rule.class_code].nature not in inside
        }
        hosts = {host.agent: (host.unit, host.host) for host in self._fleet.approved()}
        found = matters(known, hosts, told)
        self._of_units = {
            unit: _words(found.of_units.get(unit, ()), whom.get(unit)) for unit in self._fleet.units
        }
        self._of_agents = {
            agent: _words(lines, whom.get(hosts[agent][0]))
            for agent, lines in found.of_agents.items()
        }
        self._seen = seen


def _words(lines: Iterable[Matter], contact: str | None) -> Words:
    """Return the fields of the answer; nobody to call is no field."""
    known = [{"since": line.since, "text_vi": line.text_vi} for line in lines]
    words = {"known": msgspec.Raw(_encode(known))}
    return words if contact is None else {**words, "contact": msgspec.Raw(_encode(contact))}
