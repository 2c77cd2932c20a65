"""Juniper routers and firewalls that measure paths: RPM (JUNIPER-RPM-MIB), in microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.snmp.family import Asked, Family, Poll, Value, columns, is_below, number
from agents.snmp.path_tests import (
    METRICS,
    MOST_SERIES,
    OneWay,
    PathTest,
    name_and_rest,
    observe,
    share,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.observation import Observation

SUMMARY, CALCULATED = "1.3.6.1.4.1.2636.3.50.1.2.1", "1.3.6.1.4.1.2636.3.50.1.3.1"
SENT, RECEIVED = f"{SUMMARY}.2", f"{SUMMARY}.3"
SAMPLES, AVERAGE = f"{CALCULATED}.2", f"{CALCULATED}.5"
# JnxRpmCollectionType, the best first: the last whole test, the moving average, the present one.
COLLECTIONS = ("2", "3", "1")
# JnxRpmMeasurementSet: jitter is kept apart by its sign.
ROUND_TRIP, JITTER = "1", ("2", "3")
EGRESS, EGRESS_JITTER = "4", ("5", "6")
INGRESS, INGRESS_JITTER = "7", ("8", "9")


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for figures only where tests run."""
    if not any(key.startswith(f"{SENT}.") for key in last):
        return Asked(tables=(SENT,))
    return Asked(tables=(SENT, RECEIVED, SAMPLES, AVERAGE))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield each test by its last whole run."""
    table = columns(poll.values, (SENT, RECEIVED, SAMPLES, AVERAGE))
    best: dict[str, str] = {}
    for row in table[SENT]:
        name, collection = name_and_rest(row)
        if collection in COLLECTIONS:
            rows = [row, best.get(name, row)]
            best[name] = min(rows, key=lambda one: COLLECTIONS.index(name_and_rest(one)[1]))
    yield from observe(poll.target, (_test(name, row, table) for name, row in best.items()))


def _test(name: str, row: str, table: Mapping[str, Mapping[str, Value]]) -> PathTest:
    sent, received = number(table[SENT].get(row)), number(table[RECEIVED].get(row))
    if not sent or received is None:
        return PathTest(name, None)
    figures = {
        key.removeprefix(f"{row}."): (number(table[SAMPLES].get(key)), number(value))
        for key, value in table[AVERAGE].items()
        if key.startswith(f"{row}.")
    }
    return PathTest(
        name,
        is_answered=received > 0,
        lost_ratio=share(sent - received, sent),
        rtt_seconds=_mean_seconds(figures, ROUND_TRIP),
        jitter_seconds=_mean_seconds(figures, *JITTER),
        forward=_way(figures, EGRESS, EGRESS_JITTER),
        reverse=_way(figures, INGRESS, INGRESS_JITTER),
    )


Figures = dict[str, tuple[float | None, float | None]]


def _way(figures: Figures, delay: str, jitter: tuple[str, ...]) -> OneWay:
    return OneWay(None, _mean_seconds(figures, *jitter), _mean_seconds(figures, delay))


def _mean_seconds(figures: Figures, *sets: str) -> float | None:
    """Return the mean over several sets, each with the weight of its samples."""
    found = [figures[one] for one in sets if one in figures]
    known = [(count, mean) for count, mean in found if count and count > 0 and mean is not None]
    total = sum(count for count, _ in known)
    return sum(count * mean for count, mean in known) / total / 1e6 if total else None


FAMILY = Family(
    name="rpm",
    is_likely=lambda identity: is_below(identity.object_id, "1.3.6.1.4.1.2636.1"),
    asked=asked,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=MOST_SERIES,
    kind="network",
)
