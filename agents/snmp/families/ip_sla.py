"""Cisco routers and switches that measure paths: IP SLA (CISCO-RTTMON-MIB)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.snmp.changes import age_seconds
from agents.snmp.family import (
    Asked,
    Family,
    Poll,
    Value,
    columns,
    is_below,
    label,
    number,
    whole,
)
from agents.snmp.path_tests import METRICS, MOST_SERIES, OneWay, PathTest, observe, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.observation import Observation
    from agents.snmp.family import Identity

ROOT = "1.3.6.1.4.1.9.9.42.1"
TAG, PRECISION = f"{ROOT}.2.1.1.3", f"{ROOT}.2.2.1.37"
# rttMonLatestRttOperTable; MEASURED is sysUpTime then.
RTT, SENSE, MEASURED = f"{ROOT}.2.10.1.1", f"{ROOT}.2.10.1.2", f"{ROOT}.2.10.1.5"
# rttMonLatestJitterOperTable: answered packets, the sum of their times; lost there, back, and
# without a direction, and too late; sense; jitter, there, back; delay there, back; clocks.
JITTER = {
    name: f"{ROOT}.5.2.1.{column}"
    for name, column in {
        "answered": 1, "sum": 2, "lost_there": 26, "lost_back": 27, "lost": 29, "late": 30,
        "sense": 31, "jitter": 46, "jitter_there": 47, "jitter_back": 48, "delay_there": 49,
        "delay_back": 50, "clocks": 51,
    }.items()
}  # fmt: skip
# RttResponseSense: nothing yet; ok; answered, but over its threshold.
NOTHING_YET, ANSWERED = 0, (1, 3)
MICROSECONDS, CLOCKS_AGREE = 2, 1


def is_likely(identity: Identity) -> bool:
    """Say whether this is a device of Cisco's own kind."""
    return is_below(identity.object_id, "1.3.6.1.4.1.9.1", "1.3.6.1.4.1.9.12.3.1.3")


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for the columns of a table only when it has rows."""
    is_any = any(key.startswith(f"{SENSE}.") for key in last)
    is_jitter = any(key.startswith(f"{JITTER['sense']}.") for key in last)
    plain = (TAG, PRECISION, RTT, MEASURED) if is_any or is_jitter else ()
    jitter = tuple(JITTER.values()) if is_jitter else (JITTER["sense"],)
    return Asked(tables=(*plain, SENSE, *jitter))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the latest result of each operation."""
    oids = (TAG, PRECISION, RTT, SENSE, MEASURED, *JITTER.values())
    table = columns(poll.values, oids)
    rows = sorted({**table[SENSE], **table[JITTER["sense"]]}, key=lambda one: (len(one), one))
    ticks = poll.identity.uptime_ticks
    tests = (_test(row, table)._replace(age_seconds=_age(table, row, ticks)) for row in rows)
    yield from observe(poll.target, tests)


def _age(table: Mapping[str, Mapping[str, Value]], row: str, ticks: int | None) -> float | None:
    measured = whole(table[MEASURED].get(row))
    return None if measured is None or ticks is None else age_seconds(measured, ticks)


def _test(row: str, table: Mapping[str, Mapping[str, Value]]) -> PathTest:
    unit = 1e6 if whole(table[PRECISION].get(row)) == MICROSECONDS else 1e3
    name = label(table[TAG].get(row)) or f"sla-{label(row)}"
    if row in table[JITTER["sense"]]:
        return _jitter(name, {key: table[oid].get(row) for key, oid in JITTER.items()}, unit)
    is_answered = _is_answered(table[SENSE].get(row))
    rtt = number(table[RTT].get(row)) if is_answered else None
    return PathTest(name, is_answered, rtt_seconds=_over(rtt, unit))


def _jitter(name: str, said: Mapping[str, Value | None], unit: float) -> PathTest:
    is_answered = _is_answered(said["sense"])
    count = {key: number(value) or 0.0 for key, value in said.items()}
    lost = count["lost_there"] + count["lost_back"] + count["lost"] + count["late"]
    sent = count["answered"] + lost
    is_agreed = whole(said["clocks"]) == CLOCKS_AGREE

    def seconds(key: str) -> float | None:
        return _over(number(said[key]), unit) if count["answered"] else None

    def way(side: str) -> OneWay:
        share_lost = share(count[f"lost_{side}"], sent)
        delay = seconds(f"delay_{side}") if is_agreed else None
        return OneWay(share_lost, seconds(f"jitter_{side}"), delay)

    rtt = share(seconds("sum"), count["answered"])
    return PathTest(
        name, is_answered, share(lost, sent), rtt, seconds("jitter"), way("there"), way("back")
    )


def _is_answered(sense: Value | None) -> bool | None:
    code = whole(sense)
    return None if code in (None, NOTHING_YET) else code in ANSWERED


def _over(value: float | None, unit: float) -> float | None:
    return None if value is None else value / unit


FAMILY = Family(
    name="ip_sla",
    is_likely=is_likely,
    asked=asked,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=MOST_SERIES,
    kind="network",
)
