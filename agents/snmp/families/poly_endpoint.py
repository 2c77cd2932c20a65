"""Poly endpoints (POLYCOM-ENDPOINT-MIB, 2017-06-09): RealPresence Group, Trio, G7500, Studio X.

Only leaves are read: a real device said `ok` for the whole while its SIP registration had failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.endpoint import METRICS, MOST_SERIES, Endpoint, Peripheral, observe
from agents.observation import Observation
from agents.snmp.family import Asked, Family, Poll, Value, column, is_below, label, whole
from agents.snmp.poly_calls import CALL_COLUMNS, CALL_IDS, CALL_ROOT, calls_of
from agents.snmp.uptime import uptime_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.endpoint import Kind, Protocol

ROOT = "1.3.6.1.4.1.13885.101.1"
SOFTWARE, MODEL, SERIAL = f"{ROOT}.1.1.0", f"{ROOT}.1.4.0", f"{ROOT}.1.5.0"
# DateAndTime by the MIB; a real device gives `2022-03-24 14:41:54 GMT+01:00`.
LAST_UPDATE = f"{ROOT}.1.10.0"
H323_REGISTRATION, SIP_REGISTRATIONS = f"{ROOT}.2.7.2.0", f"{ROOT}.2.8.3.1.2"
# The columns of names and of statuses.
MICROPHONES = (f"{ROOT}.3.5.2.1.2", f"{ROOT}.3.5.2.1.3")
CAMERAS = (f"{ROOT}.3.6.2.1.2", f"{ROOT}.3.6.2.1.3")
TOUCH, BOARD = f"{ROOT}.3.11.1.0", f"{ROOT}.3.12.1.0"
SERVICES = {
    "presence": f"{ROOT}.6.7.1.0",
    "call_records": f"{ROOT}.6.8.1.0",
    "syslog": f"{ROOT}.6.9.1.0",
    "software_update": f"{ROOT}.6.10.1.0",
    "provisioning": f"{ROOT}.6.11.1.0",
    "calendar": f"{ROOT}.6.12.1.0",
    "directory": f"{ROOT}.6.13.1.0",
}
NETWORK_NAMES, NETWORK_DUPLEX = f"{ROOT}.3.10.2.1.2", f"{ROOT}.3.10.2.1.5"
NETWORK_STATUSES = f"{ROOT}.3.10.2.1.6"
LEAVES = (
    MODEL, SOFTWARE, SERIAL, LAST_UPDATE, H323_REGISTRATION, TOUCH, BOARD, *SERVICES.values(),
)  # fmt: skip
TABLES = (
    SIP_REGISTRATIONS, *MICROPHONES, *CAMERAS, NETWORK_NAMES, NETWORK_DUPLEX, NETWORK_STATUSES,
)  # fmt: skip
DISABLED, OK, FAILED = 1, 2, 3
HALF_DUPLEX = "wanwatch_endpoint_half_duplex"
SERVICE_UP = "wanwatch_endpoint_service_up"
MOST_NETWORKS = 4


class Seen(NamedTuple):
    """The device's own instant of its last update, and when we first saw it, monotonic seconds."""

    update: Value
    at: float


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for the calls' figures only when the last poll saw a call."""
    is_in_call = any(key.startswith(f"{CALL_IDS}.") for key in last)
    calls = (
        tuple(f"{CALL_ROOT}.{one}" for one in CALL_COLUMNS.values()) if is_in_call else (CALL_IDS,)
    )
    return Asked(LEAVES, (*TABLES, *calls))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the endpoint, its services by name, and which of its ports send or get, not both."""
    values = poll.values
    services = {name: _is_working(values.get(oid)) for name, oid in SERVICES.items()}
    calls, memory = tuple(calls_of(values)), poll.memory.setdefault("calls", {})
    endpoint = Endpoint(
        family="poly_endpoint",
        model=label(values.get(MODEL)),
        software=label(values.get(SOFTWARE)),
        serial=label(values.get(SERIAL)),
        registered=_registered(values),
        calls=calls,
        peripherals=tuple(_peripherals(values)),
        uptime_seconds=uptime_of(poll),
        data_age_seconds=_age_seconds(poll, is_in_call=bool(calls)),
    )
    yield from observe(poll.target, endpoint, memory if isinstance(memory, dict) else {})
    of = {"target": poll.target}
    for name, is_up in services.items():
        if is_up is not None:
            yield Observation(SERVICE_UP, of | {"service": name}, int(is_up))
    yield from _half_duplex(of, values)


def _is_working(value: Value | None) -> bool | None:
    """Return what a status leaf says; None for what is switched off or unheard of."""
    status = whole(value)
    return status == OK if status in (OK, FAILED) else None


def _registered(values: Mapping[str, Value]) -> dict[Protocol, bool]:
    found: dict[Protocol, bool] = {}
    sip = [_is_working(one) for one in column(values, SIP_REGISTRATIONS).values()]
    if any(one is not None for one in sip):
        found["sip"] = False not in sip
    h323 = _is_working(values.get(H323_REGISTRATION))
    if h323 is not None:
        found["h323"] = h323
    return found


def _peripherals(values: Mapping[str, Value]) -> Iterator[Peripheral]:
    tables: tuple[tuple[Kind, str, str], ...] = (
        ("microphone", *MICROPHONES),
        ("camera", *CAMERAS),
        ("network", NETWORK_NAMES, NETWORK_STATUSES),
    )
    for kind, names_oid, statuses_oid in tables:
        names, seen = column(values, names_oid), set[str]()
        for row, status in column(values, statuses_oid).items():
            name = label(names.get(row)) or label(row)
            is_working = _is_working(status)
            if is_working is not None and name not in seen:
                seen.add(name)
                yield Peripheral(kind, name, is_working)
    leaves: tuple[tuple[Kind, str, str], ...] = (
        ("touch_panel", "touch control", TOUCH),
        ("other", "unified communications board", BOARD),
    )
    for kind, name, oid in leaves:
        is_working = _is_working(values.get(oid))
        if is_working is not None:
            yield Peripheral(kind, name, is_working)


def _half_duplex(of: dict[str, str], values: Mapping[str, Value]) -> Iterator[Observation]:
    names, seen = column(values, NETWORK_NAMES), set[str]()
    for row, duplex in column(values, NETWORK_DUPLEX).items():
        name, word = label(names.get(row)) or label(row), label(duplex).lower()
        if word in ("half", "full") and name not in seen and len(seen) < MOST_NETWORKS:
            seen.add(name)
            yield Observation(HALF_DUPLEX, of | {"interface": name}, int(word == "half"))


def _age_seconds(poll: Poll, *, is_in_call: bool) -> float | None:
    """Return for how long the device has not renewed its figures, by our clock: its may be wrong.

    Only in a call do they change all the time. Without one nothing may have changed for days, and
    an instant that stands still says nothing.
    """
    update = poll.values.get(LAST_UPDATE)
    if not update or not is_in_call:
        poll.memory.pop("seen", None)
        return None
    seen = poll.memory.get("seen")
    if not isinstance(seen, Seen) or seen.update != update:
        poll.memory["seen"] = seen = Seen(update, poll.at)
    return max(0.0, poll.at - seen.at)


FAMILY = Family(
    name="poly_endpoint",
    is_likely=lambda identity: is_below(
        identity.object_id, "1.3.6.1.4.1.13885", "1.3.6.1.4.1.2684"
    ),
    asked=asked,
    evaluate=evaluate,
    metrics=(*METRICS, SERVICE_UP, HALF_DUPLEX),
    most_series=MOST_SERIES + len(SERVICES) + MOST_NETWORKS,
    leaf=MODEL,
    kind="conference",
)
