"""When the hosts of a province are switched on: people come, go, stay away, and cut the mains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.simulation.dice import draw

if TYPE_CHECKING:
    from collector.simulation.province import SimulatedHost

DAY_SECONDS = 86_400
WORKING_WEEKDAYS = range(5)
HOUR = 3_600.0
ABSENT_RATIO = 0.05
LEFT_ON_RATIO = 0.02
CONFERENCE_RATIO = 0.3
Span = tuple[float, float]


def spans_on(host: SimulatedHost, days: int) -> list[Span]:
    """Return when a host is on, as seconds from the first Monday's midnight, in order.

    Servers, routers and shared systems never rest. A workstation is on for its person's working
    day, a conference system for the conferences its unit takes part in; both go without a word
    when the mains are cut.
    """
    if host.presence == "always":
        return [(0.0, float(days * DAY_SECONDS))]
    spans: list[Span] = []
    for day in range(days):
        if day % 7 not in WORKING_WEEKDAYS:
            continue
        span = _working_day(host, day) if host.kind == "workstation" else _conference(host, day)
        if span is None:
            continue
        start, end = (day * DAY_SECONDS + at for at in span)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)  # it was left on over night
        else:
            spans.append((start, end))
    return spans


def _working_day(host: SimulatedHost, day: int) -> Span | None:
    if draw(host.seed, host.name, "absent", day) < ABSENT_RATIO:
        return None
    start = 6.6 * HOUR + 1.0 * HOUR * draw(host.seed, host.name, "comes", day)
    end = 16.6 * HOUR + 1.0 * HOUR * draw(host.seed, host.name, "goes", day)
    if draw(host.seed, host.name, "left on", day) < LEFT_ON_RATIO:
        end = DAY_SECONDS + 8 * HOUR
    return start, end


def _conference(host: SimulatedHost, day: int) -> Span | None:
    if draw(host.seed, host.name, "conference", day) >= CONFERENCE_RATIO:
        return None
    start = (7.0 if draw(host.seed, host.name, "morning", day) < 0.6 else 13.0) * HOUR
    return start, start + (3.0 + draw(host.seed, host.name, "length", day)) * HOUR
