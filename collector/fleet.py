"""Every enrolled host, the units, and what is expected of them, as this process knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.host import AgentRow, Excuse, Host, Latest
from collector.hours.expectations import Expectations
from collector.hours.expected import Expected
from collector.hours.hours import NO_HOURS, Hours, parse_hours
from collector.liveness import Liveness, Presence
from collector.outages.places import Places
from collector.outages.topology import UNIT_PREFIX
from collector.ranges import Received
from collector.series import Identities, Identity, Series
from collector.states import Handed
from collector.targets.targets import NO_TARGETS, speakers
from collector.unit_limits import share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from collector.hours.expectations import HoursPolicy, Whom
    from collector.targets.targets import Targets
    from incidents.calendar import Calendar

OWN_AGENT = "collector"
MAX_SERIES = 2_000

__all__ = ["MAX_SERIES", "OWN_AGENT", "AgentRow", "Excuse", "Fleet", "Host", "Latest", "Unit"]


class Unit(NamedTuple):
    """What judging needs to know of an organisation."""

    code: str
    name: str
    hours: Hours


class Fleet:
    """The hosts by agent, the units by code, and the table of series identities.

    Attributes:
        own: The collector itself, as a host; `places`: units and targets that were judged as one.
        version: Another number whenever hosts, units or targets are others than before.
        calendar: Which days are worked; None: every day is as its weekday.
        expectations: When units and kinds of host are expected.
        in_session: The nodes in the path of a session that goes on: rules are tighter there.
    """

    def __init__(
        self, *, started_at: datetime, monotonic: Callable[[], float], own_unit: str = ""
    ) -> None:
        self.started_at, self._monotonic = started_at, monotonic
        self.hosts: dict[str, Host] = {}
        self.places = Places(self._make_place)
        self.units: dict[str, Unit] = {}
        self.targets: Targets = NO_TARGETS
        self._speaks_of: Mapping[str, frozenset[str]] = {}
        self.calendar: Calendar | None = None
        self.expectations = Expectations()
        self.version = 0
        self.in_session: frozenset[str] = frozenset()
        self.identities = Identities()
        own = AgentRow(
            OWN_AGENT, own_unit, OWN_AGENT, "shared", "always", b"", 60, None, "", Received(),
            Handed(),
        )  # fmt: skip
        self.own = self._host(own)

    def add(self, row: AgentRow) -> Host:
        """Add an enrolled key, or take over what the inventory changed of a known one."""
        host = self.hosts.get(row.id)
        self.version += 1
        if host is None:
            host = self.hosts[row.id] = self._host(row)
            self._expect(host)
            return host
        host.host, host.unit, host.kind = row.host, row.unit, row.kind
        host.asked_presence, host.interval_seconds = row.presence, row.interval_seconds
        host.is_approved = row.is_approved
        host.share.per_minute = host.share.burst = share(row.interval_seconds)
        self._expect(host)
        if (host.public_key, host.previous_key) != (row.public_key, row.previous_key):
            host.set_keys(row)
        return host

    def remove(self, agent: str) -> Host | None:
        """Forget a revoked key: its next request is from nobody."""
        host = self.hosts.pop(agent, None)
        self.version += 1
        if host is not None:
            for identity in host.series:
                self.identities.release(identity)
        return host

    def set_units(self, units: Iterable[tuple[str, str, str]]) -> None:
        """Take over the units as (code, name, hours as written)."""
        self.units = {code: Unit(code, name, parse_hours(hours)) for code, name, hours in units}
        self.version += 1

    def set_targets(self, targets: Targets) -> None:
        """Take over what lies between the hosts and the province."""
        self.targets = targets
        self._speaks_of = speakers(targets)
        self.version += 1

    def set_expectations(
        self,
        *,
        policy: HoursPolicy | None = None,
        approved: Mapping[Whom, Hours] | None = None,
    ) -> None:
        """Take over when units and kinds of host are expected; what is not given stays."""
        if policy is not None:
            self.expectations.policy = policy
        if approved is not None:
            self.expectations.approved = approved
        for host in self.hosts.values():
            self._expect(host)
        self.version += 1

    def judged(self) -> Iterator[Host]:
        """Yield whatever has alerts: hosts, the collector itself, units and targets."""
        yield from self.hosts.values()
        yield self.own
        yield from self.places

    def approved(self) -> Iterator[Host]:
        """Yield the hosts that say something about their unit: those that somebody approved."""
        return (host for host in self.hosts.values() if host.is_approved)

    def find(self, agent: str) -> Host | None:
        """Return what an alert is about by its agent; units and targets that still exist, too."""
        if agent == OWN_AGENT:
            return self.own
        code = agent.removeprefix(UNIT_PREFIX)
        if agent.startswith(UNIT_PREFIX):
            return self.places.unit(code) if code in self.units else None
        if (target := self.targets.of_node(agent)) is not None:
            return self.places.target(target, target.unit or self.own.unit)
        return self.hosts.get(agent)

    def named(self, name: str) -> Host | None:
        """Return the approved host that UNIT/HOST names; of two with one name the last heard."""
        unit, _, host = name.partition("/")
        found = [one for one in self.approved() if (one.unit, one.host) == (unit, host)]
        return max(found, key=lambda one: one.last_report_at or self.started_at, default=None)

    def forget_place(self, place: Host) -> None:
        """Forget a target or unit that is no more, and its series."""
        for identity in place.series:
            self.identities.release(identity)
        self.places.remove(place.agent)

    def subject_of(self, host: Host, identity: Identity, at: float) -> Host:
        """Return what a series that a host reports is about: a target that it measures, or itself.

        Of a target that does not name it in `from`, whatever it says is about itself.

        Args:
            at: Of what is reported, in Unix seconds.
        """
        name = identity.target
        if not name or name not in self._speaks_of.get(f"{host.unit}/{host.host}", ()):
            return host
        target = self.targets.by_name[name]
        known = self.places.known(target.node)
        place = known or self.places.target(target, target.unit or self.own.unit)
        place.newest_at = max(place.newest_at, at)
        return place

    def unit_name(self, code: str) -> str:
        """Return a unit's name, or its code when it has none."""
        unit = self.units.get(code)
        return unit.name if unit else code

    def expected_of_unit(self, code: str) -> Expected:
        """Return when anybody of a unit is expected."""
        return Expected(self.expectations.of_unit(code, self._written(code)), self.calendar)

    def expected_of(self, host: Host) -> Expected:
        """Return when a host must be on."""
        written = self._written(host.unit)
        hours = self.expectations.of_host(host.unit, host.kind, host.presence, written)
        return Expected(hours, self.calendar)

    def expected_of_kind(self, code: str, kind: str) -> Expected | None:
        """Return when a kind of host in a unit must be on; None of what people need not switch on.

        A host of its own presence is counted as its kind is.
        """
        if self.expectations.presence("", kind) is Presence.SOMETIMES:
            return None
        return Expected(self.hours_of(code, kind), self.calendar)

    def hours_of(self, code: str, kind: str) -> Hours:
        """Return when a kind of host in a unit is expected, or the whole unit for no kind."""
        if not kind:
            return self.expected_of_unit(code).hours
        presence = self.expectations.presence("", kind)
        return self.expectations.of_host(code, kind, presence, self._written(code))

    def _written(self, code: str) -> Hours:
        """Return the hours of a unit in units.csv."""
        unit = self.units.get(code)
        return unit.hours if unit else NO_HOURS

    def _expect(self, host: Host) -> None:
        """Say what is expected of a host; where that is new, its liveness is told anew."""
        presence = self.expectations.presence(host.asked_presence, host.kind)
        if presence is not host.presence:
            host.presence, host.liveness = presence, Liveness.NEVER
        host.lost_after = self.expectations.lost_after(host.kind, host.presence)

    def is_excused(self, host: Host, now: datetime) -> bool:
        """Say whether a host went with its whole unit at the end of the unit's hours.

        It is until it is heard again, or until the unit is expected again.
        """
        excuse, last = host.excused, host.last_report_at
        if excuse is not None and (last is None or last > excuse.since or now >= excuse.until):
            host.excused = None
        return host.excused is not None

    def next_change_of(self, host: Host, local: datetime) -> datetime | None:
        """Return when a host may be expected, or no longer, by the hours alone."""
        if host.excused is not None:
            return host.excused.until
        return self.expected_of(host).next_change(local)

    def series_of(self, host: Host, identity: Identity) -> Series | None:
        """Return the host's series, made at first sight; None beyond what one host may have."""
        series = host.series.get(identity)
        if series is None:
            if len(host.series) >= MAX_SERIES:
                host.refused_series += 1
                self.identities.forget_unused(identity)
                return None
            series = host.series[identity] = Series(identity)
            identity.uses += 1
        return series

    def drop_series(self, host: Host, identity: Identity) -> None:
        """Forget a series that its host no longer has."""
        if host.series.pop(identity, None) is not None:
            host.layouts.forget()
            self.identities.release(identity)

    def _make_place(self, node: str, unit: str, host: str, kind: str) -> Host:
        return self._host(
            AgentRow(node, unit, host, kind, "always", b"", 60, None, "", Received(), Handed())
        )

    def _host(self, row: AgentRow) -> Host:
        return Host(
            row,
            watched_since=self.started_at,
            monotonic_at=self._monotonic(),
            identities=self.identities,
        )
