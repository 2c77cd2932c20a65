"""FortiGate firewalls that watch their lines: link monitors and SD-WAN health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.snmp.family import Asked, Family, Poll, Value, columns, is_below, label, number, whole
from agents.snmp.path_tests import METRICS, MOST_SERIES, PathTest, observe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.observation import Observation

# FORTINET-FORTIGATE-MIB fgLinkMonitorTable and fgVWLHealthCheckLinkTable: milliseconds and per
# cent as text.
MONITOR, CHECK = "1.3.6.1.4.1.12356.101.4.8.2.1", "1.3.6.1.4.1.12356.101.4.9.2.1"
COLUMNS = {
    MONITOR: {"name": 2, "state": 3, "latency": 4, "jitter": 5, "lost": 8, "domain": 9},
    CHECK: {
        "name": 2, "state": 4, "latency": 5, "jitter": 6, "lost": 9, "domain": 10, "port": 14,
    },
}  # fmt: skip
ALIVE, DEAD = 0, 1


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for all of a table only when it has rows."""
    wanted = list[str]()
    for root, columns_of in COLUMNS.items():
        state = f"{root}.{columns_of['state']}"
        is_there = any(key.startswith(f"{state}.") for key in last)
        wanted += [f"{root}.{one}" for one in columns_of.values()] if is_there else [state]
    return Asked(tables=tuple(wanted))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield each monitored line."""
    yield from observe(poll.target, _tests(poll.values))


def _tests(values: Mapping[str, Value]) -> Iterator[PathTest]:
    for root, columns_of in COLUMNS.items():
        table = columns(values, (f"{root}.{one}" for one in columns_of.values()))
        for row in table[f"{root}.{columns_of['state']}"]:
            yield _test({key: table[f"{root}.{one}"].get(row) for key, one in columns_of.items()})


def _test(said: Mapping[str, Value | None]) -> PathTest:
    domain = label(said["domain"])
    words = (label(said["name"]), label(said.get("port")), "" if domain == "root" else domain)
    state, lost = whole(said["state"]), number(said["lost"])
    is_alive = state == ALIVE if state in (ALIVE, DEAD) else None

    def seconds(key: str) -> float | None:
        value = number(said[key])
        return value / 1e3 if is_alive and value is not None else None

    return PathTest(
        " ".join(word for word in words if word),
        is_alive,
        lost_ratio=None if lost is None else lost / 100,
        rtt_seconds=seconds("latency"),
        jitter_seconds=seconds("jitter"),
    )


FAMILY = Family(
    name="fortigate",
    is_likely=lambda identity: is_below(identity.object_id, "1.3.6.1.4.1.12356.101"),
    asked=asked,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=MOST_SERIES,
    kind="network",
)
