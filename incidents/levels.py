"""The levels an incident goes by, and who of one can be called now and how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidents.paging import Decision, SilentReason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from incidents.calls import Calls
    from incidents.oncall_levels import EscalationPolicy
    from incidents.paging_policy import PagingPolicy, Recipient
    from incidents.policy_parts import Severity
    from incidents.roster import Found, Roster


@dataclass(frozen=True, slots=True)
class Plan:
    """What the calls of one incident go by at one instant.

    Attributes:
        every: How long between two calls.
        expires: How long an acknowledgement holds that nothing follows, by severity.
        static: The recipients of `channels.yaml`; by role: whom deadlines are told to.
        only: The role that alone may know of the incident.
        quiet_until: Nobody is called again before; None: it is no quiet hour for this incident.
    """

    levels: EscalationPolicy
    every: timedelta
    expires: Mapping[Severity, timedelta]
    static: PagingPolicy
    by_role: PagingPolicy
    roster: Roster
    unit: str
    only: str | None = None
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A level with the ways to its people; number 0: no level had anybody."""

    number: int = 0
    ways: tuple[tuple[Recipient, str], ...] = ()
    silent: tuple[Decision, ...] = ()

    @property
    def persons(self) -> list[str]:
        """Return who can be called, each once."""
        return list(dict.fromkeys(way.name for way, _ in self.ways))


def first_reached(
    plan: Plan,
    calls: Calls,
    number: int,
    skip: frozenset[str] = frozenset(),
    silent: tuple[Decision, ...] = (),
) -> Reached:
    """Return the first level from `number` on at which somebody can be reached."""
    for level in range(number, len(plan.levels.levels) + 1):
        reached = level_of(plan, level, calls, skip=skip)
        silent += reached.silent
        if reached.ways:
            return replace(reached, silent=silent)
    return Reached(silent=silent)


def level_of(
    plan: Plan,
    number: int,
    calls: Calls,
    skip: Collection[str] = frozenset(),
) -> Reached:
    """Return who of a level can be called, and why the others cannot."""
    silent: list[Decision] = []
    wanted: dict[str, Found] = {}
    if not 1 <= number <= len(plan.levels.levels):
        return Reached()
    for target in plan.levels.levels[number - 1].targets:
        found, empty = plan.roster.members(target, plan.unit)
        for one in found:
            wanted.setdefault(one.person.casefold(), one)
        silent += [missing(why, person, via, number) for why, person, via in empty]
    for name in [name for name in wanted if name in skip]:
        why = SilentReason.PASSED_ON if name in calls.passed else SilentReason.ALREADY_CALLED
        silent.append(missing(why, wanted[name].person, wanted.pop(name).via, number))
    return reach(plan, number, list(wanted.values()), calls, tuple(silent))


def reach(
    plan: Plan,
    number: int,
    wanted: Iterable[tuple[str, str]],
    calls: Calls,
    silent: tuple[Decision, ...] = (),
) -> Reached:
    ways: list[tuple[Recipient, str]] = []
    for person, via in wanted:
        if not plan.roster.is_allowed(person, plan.only, plan.unit):
            silent += (missing(SilentReason.NOT_ALLOWED, person, via, number),)
            continue
        found = plan.roster.ways(person, calls.counts.get(person.casefold(), 0) + 1)
        if isinstance(found, SilentReason):
            silent += (missing(found, person, via, number),)
        else:
            ways += [(way, via) for way in found]
    return Reached(number, tuple(ways), silent)


def missing(why: SilentReason, person: str, via: str, level: int) -> Decision:
    """Return the decision about somebody who cannot be told; `via`: of which schedule or role."""
    return Decision(False, str(why), person, "", level=level, detail=via)


def step_up_at(calls: Calls, plan: Plan) -> datetime:
    """Return when the next level is called unless somebody answers before.

    Raises:
        ValueError: No level was called yet.
    """
    since = calls.level_at or calls.called_at
    if since is None:
        raise ValueError("a level without an instant at which it was called")
    return since + plan.levels.step_up_after(calls.level, plan.every)
