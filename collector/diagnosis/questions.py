"""Which questions an incident's runbooks lead to: reading ones, about what the policy names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from agents.probe_plan import Ask
from runbooks.model import HostValues, Measure, Ping, Prober, UnitValues

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.targets.targets import Target
    from runbooks.model import Check

Kind = Literal["ping", "measure", "prober", "values"]
# Probes that are asked without anything in targets.yaml; the others need parameters of their own.
ASKED_PLAINLY = frozenset({"icmp", "trace"})
# Beside asking again and again nothing of them takes this long.
SHORT_SECONDS, SHORT_WAIT_SECONDS = 3.0, 1.0
MOST_QUESTIONS, MOST_PINGED = 12, 4
HOUR_SECONDS = 3_600.0


class Question(NamedTuple):
    """One question.

    Attributes:
        target: Whom it is about; None for values of a whole unit.
        is_subject: It is the alert's own target, not one on its way.
        ask: What an agent is to run.
        metric: Of values that are known already.
    """

    kind: Kind
    target: Target | None = None
    is_subject: bool = True
    ask: Ask | None = None
    metric: str = ""


def questions_of(
    checks: Iterable[Check], subject: Target | None, above: Sequence[Target]
) -> list[Question]:
    """Return what to ask, each once.

    Args:
        subject: The alert's own target; None where it is about a host or a unit.
        above: The targets on the way to it, the nearest first.
    """
    found: list[Question] = []
    for check in checks:
        for question in _of_check(check, subject, above):
            if question not in found:
                found.append(question)
    return found[:MOST_QUESTIONS]


def is_active(questions: Iterable[Question]) -> bool:
    """Say whether anything is asked over the network: else there is nothing to wait for."""
    return any(question.kind in ("ping", "measure") for question in questions)


def _of_check(check: Check, subject: Target | None, above: Sequence[Target]) -> Iterator[Question]:
    if isinstance(check, Ping):
        if subject is not None and subject.address:
            yield Question("ping", subject)
        for target in above[:MOST_PINGED]:
            if target.address:
                yield Question("ping", target, is_subject=False)
    elif isinstance(check, Measure):
        chosen = subject if subject is not None else next(iter(above), None)
        ask = None if chosen is None else ask_of(chosen, check.probe)
        if ask is not None:
            yield Question("measure", chosen, chosen is subject, ask)
    elif isinstance(check, Prober):
        if subject is not None and subject.probes:
            yield Question("prober", subject)
    elif isinstance(check, UnitValues):
        yield Question("values", metric=check.metric)
    elif isinstance(check, HostValues) and subject is not None:
        yield Question("values", subject, metric=check.metric)


def ask_of(target: Target, probe: str) -> Ask | None:
    """Return how a probe of a target is run once, quickly; None where nobody said how."""
    planned = next((ask for ask in target.probes if ask.probe == probe), None)
    if planned is None:
        if probe not in ASKED_PLAINLY or not target.probes:
            return None
        return Ask(probe, HOUR_SECONDS, {"target": target.name, "address": target.address})
    params = dict(planned.params)
    if "seconds" in params or probe == "stamp":
        params |= {
            "seconds": SHORT_SECONDS,
            "wait_seconds": SHORT_WAIT_SECONDS,
            "continuous": False,
        }
    return Ask(probe, HOUR_SECONDS, params)
