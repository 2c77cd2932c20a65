"""Huawei routers and switches that measure paths: NQA (NQA-MIB, results in DISMAN-PING-MIB)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.snmp.family import Asked, Family, Poll, Value, columns, is_below, number, whole
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

# pingResultsAverageRtt (ms), pingResultsProbeResponses, pingResultsSentProbes.
PING = "1.3.6.1.2.1.80.1.3.1"
RTT, ANSWERED, SENT = f"{PING}.6", f"{PING}.7", f"{PING}.8"
# nqaJitterStatsTable; its times are in the unit of column 67.
JITTER = {
    name: f"1.3.6.1.4.1.2011.5.25.111.4.3.1.{column}"
    for name, column in {
        "result": 2, "lost_there": 34, "lost_back": 35, "answered": 40, "sent": 41, "rtt": 46,
        "jitter": 48, "jitter_there": 49, "jitter_back": 50, "unit": 67, "delay_there": 68,
        "delay_back": 69,
    }.items()
}  # fmt: skip
SUCCESS, NO_RESULT, MICROSECONDS = 1, 0, 1


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for the columns of a table only when it has rows."""
    is_ping = any(key.startswith(f"{SENT}.") for key in last)
    is_jitter = any(key.startswith(f"{JITTER['result']}.") for key in last)
    jitter = tuple(JITTER.values()) if is_jitter else (JITTER["result"],)
    return Asked(tables=(*((RTT, ANSWERED) if is_ping else ()), SENT, *jitter))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the latest result of each test; of one with jitter by its own table."""
    table = columns(poll.values, (RTT, ANSWERED, SENT, *JITTER.values()))
    tests: dict[str, PathTest] = {}
    for row in table[SENT]:
        name, _ = name_and_rest(row)
        tests[name] = _ping(name, [table[oid].get(row) for oid in (RTT, ANSWERED, SENT)])
    # The last part of the index counts the results of a test: the highest is the latest.
    for row in sorted(table[JITTER["result"]], key=lambda one: (len(one), one)):
        name, _ = name_and_rest(row)
        said = {key: table[oid].get(row) for key, oid in JITTER.items()}
        if whole(said["result"]) not in (None, NO_RESULT):
            tests[name] = _jitter(name, said)
    yield from observe(poll.target, tests.values())


def _ping(name: str, said: list[Value | None]) -> PathTest:
    rtt, answered, sent = (number(value) for value in said)
    if not sent or answered is None:
        return PathTest(name, None)
    return PathTest(
        name,
        is_answered=answered > 0,
        lost_ratio=share(sent - answered, sent),
        rtt_seconds=rtt / 1e3 if rtt is not None and answered > 0 else None,
    )


def _jitter(name: str, said: Mapping[str, Value | None]) -> PathTest:
    unit = 1e6 if whole(said["unit"]) == MICROSECONDS else 1e3
    sent, answered = number(said["sent"]), number(said["answered"])

    def seconds(key: str, *, is_above_0: bool = False) -> float | None:
        value = number(said[key])
        if not answered or value is None or (is_above_0 and value <= 0):
            return None
        return value / unit

    def way(side: str) -> OneWay:
        # No delay one way is 0: that is what a device says whose clocks do not agree.
        delay = seconds(f"delay_{side}", is_above_0=True)
        lost = share(number(said[f"lost_{side}"]), sent)
        return OneWay(lost, seconds(f"jitter_{side}"), delay)

    return PathTest(
        name,
        is_answered=whole(said["result"]) == SUCCESS,
        lost_ratio=share(sent - answered, sent) if sent and answered is not None else None,
        rtt_seconds=seconds("rtt"),
        jitter_seconds=seconds("jitter"),
        forward=way("there"),
        reverse=way("back"),
    )


FAMILY = Family(
    name="nqa",
    is_likely=lambda identity: is_below(identity.object_id, "1.3.6.1.4.1.2011.2"),
    asked=asked,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=MOST_SERIES,
    kind="network",
)
