"""Cisco immersive rooms, CTS and TX (CISCO-TELEPRESENCE-MIB, CISCO-TELEPRESENCE-CALL-MIB).

The figures of calls are those of the device's last period, 10 to 300 s (ctpcSamplePeriod).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.endpoint import METRICS, MOST_SERIES, Endpoint, Peripheral, observe
from agents.snmp.cts_calls import calls_of, columns_asked
from agents.snmp.family import Asked, Family, Poll, Value, column, is_below, label, whole
from agents.snmp.uptime import uptime_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.endpoint import Kind, Protocol
    from agents.observation import Observation

PRODUCTS = tuple(f"1.3.6.1.4.1.9.1.{one}" for one in (800, 801, 1003, 1433, 1434, 1435, 1436, 2161))
SAMPLE_PERIOD = "1.3.6.1.4.1.9.9.644.1.4.5.0"
# ctpcMgmtSysConnStatus: of several call managers one is registered with.
MANAGERS = "1.3.6.1.4.1.9.9.644.1.2.6.1.4"
REGISTERED, NOT_REGISTERED = 5, (4, 6)
PERIPHERALS = "1.3.6.1.4.1.9.9.643.1.2.1.1"
DESCRIPTIONS, STATUSES, CATEGORIES = (f"{PERIPHERALS}.{one}" for one in (2, 3, 4))
NO_ERROR, NOT_WATCHED = 0, 9
KINDS: dict[int | None, Kind] = {
    4: "camera", 5: "display", 7: "camera", 8: "display", 13: "microphone"
}  # fmt: skip


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for the calls' figures only when the last poll saw one going on."""
    tables = (MANAGERS, DESCRIPTIONS, STATUSES, CATEGORIES, *columns_asked(last))
    return Asked((SAMPLE_PERIOD,), tables)


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the room."""
    calls = poll.memory.setdefault("calls", {})
    endpoint = Endpoint(
        family="cts",
        registered=_registered(poll.values),
        calls=tuple(calls_of(poll.values)) if SAMPLE_PERIOD in poll.values else None,
        peripherals=tuple(_peripherals(poll.values)),
        uptime_seconds=uptime_of(poll),
    )
    yield from observe(poll.target, endpoint, calls if isinstance(calls, dict) else {})


def _registered(values: Mapping[str, Value]) -> dict[Protocol, bool]:
    states = {whole(one) for one in column(values, MANAGERS).values()}
    if REGISTERED in states:
        return {"sip": True}
    return {"sip": False} if states & set(NOT_REGISTERED) else {}


def _peripherals(values: Mapping[str, Value]) -> Iterator[Peripheral]:
    names, kinds = column(values, DESCRIPTIONS), column(values, CATEGORIES)
    seen = set[tuple[str, str]]()
    for row, value in column(values, STATUSES).items():
        status, kind = whole(value), KINDS.get(whole(kinds.get(row)), "other")
        name = label(names.get(row)) or label(row)
        if (kind, name) in seen:
            name = f"{name} #{label(row)}"
        if status is not None and status != NOT_WATCHED and (kind, name) not in seen:
            seen.add((kind, name))
            yield Peripheral(kind, name, status == NO_ERROR)


FAMILY = Family(
    name="cts",
    is_likely=lambda identity: is_below(identity.object_id, *PRODUCTS),
    asked=asked,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=MOST_SERIES,
    leaf=SAMPLE_PERIOD,
    kind="conference",
)
