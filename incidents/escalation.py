"""Who of the levels is called now, and why: first, again, because nobody answered, passed on.

The levels are those kept with the incident; who stands behind them is asked of the roster of now.
A level at which nobody can be reached is left behind at once, with the reason kept. The static list
of `channels.yaml` is told of every call, whatever its level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from incidents import paging
from incidents.calls import Calls
from incidents.deadline_paging import assigned
from incidents.levels import Plan, Reached, first_reached, level_of, missing, reach, step_up_at
from incidents.paging import Decision, Happened, NotifyReason, SilentReason, answer_to
from incidents.procedure_clocks import BACKUP, DUE, OWNER, SCREEN
from incidents.state import PERSON
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from incidents.deadline_rows import DeadlineRow
    from incidents.paging import Happening
    from incidents.paging_policy import PagingPolicy, Recipient
    from incidents.procedure_clocks import WarningPoint
    from incidents.state import Incident

# Reasons for which levels are begun with anew.
_BEGINNING = frozenset({NotifyReason.FIRST, NotifyReason.FIRED_AGAIN, NotifyReason.SEVERITY_RAISED})


@dataclass(frozen=True, slots=True)
class Answer:
    """One page, or why there is none.

    Attributes:
        calls: What the entry of the page keeps of the levels; None: no level was called.
        is_unreached: Every level was tried, and nobody could be reached.
    """

    decisions: tuple[Decision, ...]
    calls: Mapping[str, Any] | None = None
    is_unreached: bool = False


def decide(
    incident: Incident, happening: Happening, plan: Plan, now: datetime, *, by: str = ""
) -> Answer:
    """Return who is called after something happened.

    Args:
        by: Who passed it on, as entries keep it.
    """
    if happening.what in (Happened.RECOVERED, Happened.ACKNOWLEDGED, Happened.ENDED):
        return _to_all_told(incident, happening, plan, now)
    reason = paging.page_reason(happening, plan.static, now)
    if isinstance(reason, SilentReason):
        return _to_all_told(incident, happening, plan, now)
    if reason is NotifyReason.PASSED_ON:
        return _pass_on(incident, plan, by.removeprefix(PERSON))
    before = {} if reason is NotifyReason.FIRST else _called_before(incident)
    if reason in _BEGINNING or incident.calls.level == 0:
        reached = first_reached(plan, Calls(), 1)
        return _call(incident, plan, reason, reached, begins=True, more=before)
    again = level_of(plan, incident.calls.level, incident.calls)
    reached = again if again.ways else first_reached(plan, incident.calls, 1)
    answer = _call(incident, plan, reason, reached, more=before)
    return replace(answer, calls=None, is_unreached=False)


def with_seconds(answer: Answer, plan: Plan, persons: Iterable[str]) -> Answer:
    """Return an answer that calls these people too, where it calls anybody and not them."""
    called = [one for one in answer.decisions if one.notify and one.kind == "page"]
    if not called:
        return answer
    known = {one.recipient.casefold() for one in called}
    ways = plan.roster.ways_of(name for name in persons if name.casefold() not in known)
    reason = NotifyReason(called[0].reason)
    more = tuple(answer_to(way, notify=True, reason=reason) for way in ways)
    return replace(answer, decisions=(*answer.decisions, *more))


def _to_all_told(incident: Incident, happening: Happening, plan: Plan, now: datetime) -> Answer:
    """Return the answers for the static list and for whoever was paged, without a call."""
    told = _with(plan.static, plan.roster.contact_ways(incident.paged))
    return Answer(tuple(paging.decide(incident, happening, told, now)))


def due(
    incident: Incident, plan: Plan, points: Iterable[WarningPoint], owner: str, now: datetime
) -> list[Answer]:
    """Return who is called at this instant; nobody gets two pages at once.

    Args:
        points: At which part of a deadline whom to tell.
        owner: The role that acknowledges.
    """
    answers = []
    for reason in paging.deadline_reasons(incident, now):
        tell = _tell_at(points, is_missed=reason is NotifyReason.DEADLINE_MISSED)
        told = assigned(tell, owner, plan.by_role, incident.severity)
        answers.append(Answer(tuple(answer_to(r, notify=True, reason=reason) for r in told)))
    at = next_call_at(incident, plan)
    if at is not None and at <= now:
        answers.append(_due_call(incident, plan, now))
    return _once_each(answers)


def unreached(
    plan: Plan,
    rows: Iterable[DeadlineRow],
    points: Iterable[WarningPoint],
    new: Iterable[tuple[str, str, int]],
) -> list[Decision]:
    """Return why those are not told whose role a deadline, that has come now, is told to.

    Args:
        new: Deadline, run and percent of each.
    """
    owners = {(row.code, row.run): row.who for row in rows}
    tell = {point.percent: point.tell for point in points}
    roles: dict[str, None] = {}
    for code, run, percent in new:
        role = tell.get(percent, SCREEN)
        if role != SCREEN:
            roles[owners.get((code, run), "") if role in (OWNER, BACKUP) else role] = None
    listed = {one.role for one in plan.static.recipients}
    return [
        missing(why, person, via, 0)
        for role in roles
        if role and role not in listed
        for why, person, via in plan.roster.missing(role, plan.unit)
    ]


def next_call_at(incident: Incident, plan: Plan) -> datetime | None:
    """Return when somebody is to be called next; None while nobody is.

    What was called in quiet hours waits for the morning, and so does the time to answer.
    """
    at = _next_call_at(incident, plan)
    if at is None or plan.quiet_until is None or incident.calls.called_at is None:
        return at
    return max(at, plan.quiet_until)


def _next_call_at(incident: Incident, plan: Plan) -> datetime | None:
    calls = incident.calls
    if incident.ended or incident.recovered_at is not None:
        return None
    if is_answered(incident):
        return paging.expires_at(incident, plan.expires)
    if calls.called_at is None or calls.level_at is None:
        return incident.detected_at
    if calls.level == 0:
        return calls.called_at + plan.levels.calls * plan.every
    return min(calls.called_at + plan.every, step_up_at(calls, plan))


def next_look_at(incident: Incident, plan: Plan) -> datetime | None:
    """Return when the incident must be looked at again."""
    if incident.ended:
        return None
    instants = (next_call_at(incident, plan), paging.next_deadline_at(incident))
    return min((at for at in instants if at is not None), default=None)


def is_answered(incident: Incident) -> bool:
    """Say whether somebody has the incident, and everybody acknowledged who must."""
    calls = incident.calls
    return incident.acknowledged_at is not None and not calls.is_handed_on and not calls.owed


def as_told(calls: Mapping[str, Any] | None, decisions: Iterable[Decision]) -> dict[str, Any]:
    """Return what an entry keeps of the levels, once it is known who is really told.

    Whoever is silenced after all was not called; where that is everybody, no level was.
    """
    if calls is None:
        return {}
    told = {one.recipient for one in decisions if one.notify}
    persons = [name for name in calls["persons"] if name in told]
    return {"calls": {**calls, "persons": persons}} if persons else {}


def not_wanted_any_more(
    before: Incident, after: Incident, actor: str
) -> list[tuple[frozenset[str] | None, SilentReason]]:
    """Return whose waiting pages are untrue after a command; None: everybody's."""
    name = actor.removeprefix(PERSON).casefold()
    if name in after.calls.passed - before.calls.passed:
        return [(frozenset({name}), SilentReason.PASSED_ON)]
    if after.calls.acknowledged == before.calls.acknowledged or before.acknowledged_at is None:
        return []
    persons = None if before.calls.is_handed_on else frozenset({name})
    return [(persons, SilentReason.ACKNOWLEDGED)]


def reachable(plan: Plan) -> frozenset[str]:
    """Return who of all levels can be called now, in lower case."""
    names: set[str] = set()
    for number in range(1, len(plan.levels.levels) + 1):
        names |= {name.casefold() for name in level_of(plan, number, Calls()).persons}
    return frozenset(names)


def _due_call(incident: Incident, plan: Plan, now: datetime) -> Answer:
    calls = incident.calls
    if is_answered(incident):
        return _expired(incident, plan)
    if calls.level == 0:
        reason = NotifyReason.REPEAT if incident.pages else NotifyReason.FIRST
        reached = first_reached(plan, Calls(), 1)
        return _call(incident, plan, reason, reached, begins=True)
    if step_up_at(calls, plan) <= now:
        return _step_up(incident, plan)
    again = _called_again(incident, plan)
    if not again.ways:
        return _step_up(incident, plan, again.silent)
    return _call(incident, plan, _reason(incident, NotifyReason.REPEAT), again)


def _step_up(incident: Incident, plan: Plan, silent: tuple[Decision, ...] = ()) -> Answer:
    """Call the next level at which somebody new can be reached; after the last, the first."""
    calls = incident.calls
    skip = frozenset(calls.called) | calls.passed
    reached = first_reached(plan, calls, calls.level + 1, skip, silent)
    if reached.ways:
        return _call(incident, plan, _reason(incident, NotifyReason.ESCALATED), reached)
    silent = reached.silent
    if calls.owed and incident.acknowledged_at is not None:
        reached = reach(plan, 1, _owing(incident), Calls(), silent)
    else:
        reached = first_reached(plan, Calls(), 1, silent=silent)
    reason = _reason(incident, NotifyReason.REPEAT)
    return _call(incident, plan, reason, reached, begins=True)


def _expired(incident: Incident, plan: Plan) -> Answer:
    """Call who had acknowledged and the first level; when that is not answered, the next ones."""
    calls, reason = incident.calls, NotifyReason.ACKNOWLEDGEMENT_EXPIRED
    goes_on = calls.reason == reason and calls.level_at is not None
    if goes_on and (incident.acted_at is None or incident.acted_at <= calls.level_at):  # type: ignore[operator]
        skip = frozenset(calls.called)
        reached = first_reached(plan, calls, calls.level + 1, skip)
        if reached.ways:
            return _call(incident, plan, reason, reached)
    reached = first_reached(plan, Calls(), 1)
    return _call(incident, plan, reason, reached, begins=True, more=_holder(incident))


def _pass_on(incident: Incident, plan: Plan, by: str) -> Answer:
    """Call the others of the level, then the next one, then begin anew without whoever passed."""
    calls, reason = incident.calls, NotifyReason.PASSED_ON
    if calls.level:
        others = level_of(plan, calls.level, calls, skip=calls.passed)
        if others.ways:
            return _call(incident, plan, reason, others)
    skip = frozenset(calls.called) | calls.passed
    reached = first_reached(plan, calls, calls.level + 1, skip)
    if reached.ways:
        return _call(incident, plan, reason, reached)
    only = frozenset({by.casefold()})
    reached = first_reached(plan, Calls(passed=only), 1, only, reached.silent)
    return _call(incident, plan, reason, reached, begins=True, passed=(by,))


def _called_again(incident: Incident, plan: Plan) -> Reached:
    """Return the level that was called last as it is staffed now, or who still owes."""
    calls = incident.calls
    if calls.owed and incident.acknowledged_at is not None:
        return reach(plan, calls.level, _owing(incident), calls)
    return level_of(plan, calls.level, calls, skip=calls.passed)


def _owing(incident: Incident) -> list[tuple[str, str]]:
    return [(name, "") for name in sorted(incident.calls.owed)]


def _call(
    incident: Incident,
    plan: Plan,
    reason: NotifyReason,
    reached: Reached,
    *,
    begins: bool = False,
    passed: tuple[str, ...] = (),
    more: Mapping[str, str] | None = None,
) -> Answer:
    """Return the page to a level, to the static list, and to `more` who had to do with it."""
    ways = [
        answer_to(way, notify=True, reason=reason, level=reached.number, detail=via)
        for way, via in reached.ways
    ]
    known = {name.casefold() for name in reached.persons}
    others = [(name, via) for name, via in (more or {}).items() if name.casefold() not in known]
    extra = reach(plan, 0, others, Calls())
    ways += [answer_to(way, notify=True, reason=reason, detail=via) for way, via in extra.ways]
    decisions = _once((*_static(incident, plan, reason), *ways, *reached.silent))
    if not reached.ways:
        return Answer(decisions or (paging.nobody(),), is_unreached=True)
    calls = {
        "level": reached.number,
        "persons": reached.persons,
        "all": plan.levels.levels[reached.number - 1].all_must_acknowledge,
        "begins": begins,
        "waits_until": None if plan.quiet_until is None else microseconds(plan.quiet_until),
        "passed": list(passed),
    }
    return Answer(decisions, calls)


def _static(incident: Incident, plan: Plan, reason: NotifyReason) -> list[Decision]:
    if not plan.static.recipients:
        return []
    return paging.decide_due(incident, plan.static, reason)


def _reason(incident: Incident, otherwise: NotifyReason) -> NotifyReason:
    """Return the reason of a call; an acknowledged incident pages only for one of its own."""
    if incident.calls.is_handed_on:
        return NotifyReason.PASSED_ON
    if incident.acknowledged_at is not None:
        return NotifyReason.ACKNOWLEDGEMENT_AWAITED
    return otherwise


def _called_before(incident: Incident) -> dict[str, str]:
    return dict.fromkeys(sorted(incident.calls.called), "") | _holder(incident)


def _holder(incident: Incident) -> dict[str, str]:
    by = incident.acknowledged_by or ""
    return {by.removeprefix(PERSON): ""} if by.startswith(PERSON) else {}


def _tell_at(points: Iterable[WarningPoint], *, is_missed: bool) -> str:
    """Return whom the first point that sends anything tells: before a deadline, or at its end."""
    for point in points:
        if point.tell != SCREEN and (point.percent >= DUE) == is_missed:
            return point.tell
    return SCREEN


def _with(policy: PagingPolicy, more: tuple[Recipient, ...]) -> PagingPolicy:
    known = {(one.name, one.channel) for one in policy.recipients}
    added = tuple(one for one in more if (one.name, one.channel) not in known)
    return policy.model_copy(update={"recipients": (*policy.recipients, *added)})


def _once(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions without a second one for the same person and channel."""
    found: dict[tuple[str, ...], Decision] = {}
    for one in decisions:
        what = (one.channel,) if one.channel else (one.reason, one.detail, str(one.level))
        found.setdefault((one.recipient, *what), one)
    return tuple(found.values())


def _once_each(answers: list[Answer]) -> list[Answer]:
    """Let nobody get two pages at once; a call counts, so it is the one that stays."""
    told: set[tuple[str, str]] = set()
    found: list[Answer] = []
    for answer in reversed(answers):
        kept = tuple(
            replace(one, notify=False, reason=str(SilentReason.TOLD_TOGETHER), address="")
            if one.notify and (one.recipient, one.channel) in told
            else one
            for one in answer.decisions
        )
        told |= {(one.recipient, one.channel) for one in kept if one.notify}
        found.insert(0, replace(answer, decisions=kept))
    return found
