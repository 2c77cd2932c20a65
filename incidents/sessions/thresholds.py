"""What a point is held against before a session, by the class of the session: all of it data.

Source: ITU-T G.114 for 150 ms one way; loss, jitter and the longer delay between what makers of
endpoints ask for and where their endpoints raise traps of their own (1 %, 35 ms, 250 ms).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from incidents.sessions.cells import Limits
from incidents.sessions.moments import BEFORE, Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidents.sessions.model import SessionClass
    from incidents.sessions.policy import SessionPolicy

DAY_SECONDS = 86_400.0
# What a session of class B or C can begin without: it is shown as not checked all the same.
_EXTRAS = frozenset(
    {"interfaces", "clock", "certificate", "ups", "firmware", "path_dscp", "path_mtu"}
)


class Thresholds(NamedTuple):
    """The limits of one class.

    Attributes:
        lost_ratio, jitter_seconds, delay_seconds: Of the path, one way, the worse direction.
        round_trip_seconds: Where nothing says how long one way takes.
        burst_lost_ratio: Of the worst five seconds.
        least_path_bytes: Video goes in packets of about 1,200 bytes that may not be cut.
        uptime_seconds: A device that started later than that is looked at once more.
        errors_per_second, used_ratio: Of ports of the unit's devices.
        clock_seconds: How far off; it weakens every time in the file.
        certificate_days: Left; one that ends before the session does is always a no-go.
        ups_runtime_seconds: Left on the battery.
        joined_from, confirmed_from, seen_from: From when on an endpoint must be in the
            conference, the technician must have confirmed, a person must have looked and listened.
        optional: Checks that were not made do not keep a point from being ready.
    """

    lost_ratio: Limits = Limits(0.005, 0.01)
    burst_lost_ratio: Limits = Limits(0.05)
    jitter_seconds: Limits = Limits(0.02, 0.035)
    delay_seconds: Limits = Limits(0.15, 0.25)
    round_trip_seconds: Limits = Limits(0.3, 0.5)
    remarked_ratio: Limits = Limits(0.05)
    least_path_bytes: Limits = Limits(no_go=1_199)
    uptime_seconds: Limits = Limits(600)
    errors_per_second: Limits = Limits(1)
    used_ratio: Limits = Limits(0.85, 0.95)
    clock_seconds: Limits = Limits(1)
    certificate_days: Limits = Limits(30)
    ups_runtime_seconds: Limits = Limits(1_800, 600)
    joined_from: Moment = Moment.T15M
    confirmed_from: Moment = Moment.T60M
    seen_from: Moment = Moment.T60M
    optional: frozenset[str] = frozenset()


CLASS_A = Thresholds()
BY_CLASS: Mapping[SessionClass, Thresholds] = {
    "A": CLASS_A,
    "B": CLASS_A._replace(optional=_EXTRAS),
    # Three per cent that last are no conference any more.
    "C": CLASS_A._replace(
        lost_ratio=Limits(0.01, 0.03),
        optional=_EXTRAS | {"uptime"},
    ),
}

# What `sessions.yaml` says, by the names it has there.
_IN_POLICY: Mapping[str, str] = {
    "loss_ratio": "lost_ratio",
    "jitter_seconds": "jitter_seconds",
    "delay_seconds": "delay_seconds",
    "interface_load_ratio": "used_ratio",
    "clock_offset_seconds": "clock_seconds",
}


def of_policy(policy: SessionPolicy, session_class: SessionClass) -> Thresholds:
    """Return the limits of a class as the province decided them; the rest as shipped.

    There and back may take twice what one way may.
    """
    given = policy.thresholds(session_class)
    changes: dict[str, Any] = {
        field: Limits(given[name].amber, given[name].red)
        for name, field in _IN_POLICY.items()
        if name in given
    }
    if (delay := given.get("delay_seconds")) is not None:
        changes["round_trip_seconds"] = Limits(2 * delay.amber, 2 * delay.red)
    joined = [m for m, ahead in BEFORE.items() if ahead <= policy.file.joined_from]
    changes["joined_from"] = min(joined, key=lambda m: m.place, default=Moment.LIVE)
    return BY_CLASS[session_class]._replace(**changes)
