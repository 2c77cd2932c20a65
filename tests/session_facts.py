"""Sessions, points and what is known of them, for tests of readiness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from incidents.sessions.facts import PointFacts, Reading, Said
from incidents.sessions.model import Point, Session

if TYPE_CHECKING:
    from incidents.sessions.model import SessionClass, Way

STARTS_AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
T24H, T60M, T15M = (
    STARTS_AT - timedelta(hours=24),
    STARTS_AT - timedelta(minutes=60),
    STARTS_AT - timedelta(minutes=15),
)
# A path as a good line shows it.
GOOD_PATH: tuple[tuple[str, dict[str, str], float], ...] = (
    ("wanwatch_stamp_direction_lost_ratio", {"direction": "forward"}, 0.0),
    ("wanwatch_stamp_direction_lost_ratio", {"direction": "reverse"}, 0.001),
    ("wanwatch_stamp_worst_window_lost_ratio", {}, 0.002),
    ("wanwatch_stamp_jitter_seconds", {"direction": "forward"}, 0.004),
    ("wanwatch_stamp_delay_seconds", {"direction": "forward"}, 0.02),
    ("wanwatch_stamp_remarked_ratio", {"direction": "forward"}, 0.0),
    ("wanwatch_path_mtu_bytes", {}, 1500.0),
)
GOOD_SITE: tuple[tuple[str, dict[str, str], float], ...] = (
    ("wanwatch_interface_receive_used_ratio", {"interface": "ge0"}, 0.2),
    ("node_timex_offset_seconds", {}, 0.003),
    ("wanwatch_ups_on_battery", {}, 0.0),
)


def point(order: int = 1, way: Way = "codec", **changes: Any) -> Point:
    """Return a point whose technician has confirmed."""
    given: dict[str, Any] = {
        "unit": f"H42.{order:02}", "name": f"Xã {order}", "target": f"codec-{order}",
        "path": f"path-{order}", "technician": f"Kỹ thuật {order}", "phone": f"091200{order:04}",
        "is_confirmed": True,
    }  # fmt: skip
    return Point(order=order, way=way, **(given | changes))


def session(session_class: SessionClass = "A", **changes: Any) -> Session:
    """Return a session of one hour with a bridge."""
    given: dict[str, Any] = {
        "id": 1, "name": "Giao ban", "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + timedelta(hours=1), "bridge": "mcu", "conference": "9001",
    }  # fmt: skip
    return Session(session_class=session_class, **(given | changes))


def reading(
    metric: str,
    value: float,
    *,
    source: str = "codec-1",
    age_seconds: float = 4.0,
    is_old: bool = False,
    growth_per_second: float | None = None,
    **labels: str,
) -> Reading:
    """Return a fresh value."""
    return Reading(source, metric, labels, value, age_seconds, is_old, growth_per_second)


def good_endpoint(far_end: str = "", software: str = "ce9.15") -> tuple[Reading, ...]:
    """Return the values of a codec without a fault; in a call where a far end is given."""
    info = {"family": "cisco", "model": "Room Kit", "software": software}
    idle = (
        reading("wanwatch_probe_alive", 1, probe="sip"),
        reading("wanwatch_endpoint_registered", 1, protocol="sip"),
        reading("wanwatch_endpoint_peripheral_up", 1, kind="camera", name="Camera 1"),
        reading("wanwatch_endpoint_peripheral_up", 1, kind="microphone", name="Mic 1"),
        reading("wanwatch_endpoint_uptime_seconds", 90_000),
        reading("wanwatch_endpoint_info", 1, **info),
        reading("wanwatch_tls_expiry_timestamp_seconds", STARTS_AT.timestamp() + 90 * 86_400),
        reading("wanwatch_endpoint_calls", 1 if far_end else 0),
    )
    if not far_end:
        return idle
    return (*idle, reading("wanwatch_call_info", 1, call="1", far_end=far_end, protocol="sip"))


def good_point(
    one: Point | None = None, *, said: tuple[Said, ...] = (), far_end: str = "", **changes: Any
) -> PointFacts:
    """Return a point without a fault."""
    here = one if one is not None else point()
    given: dict[str, Any] = {
        "endpoint": good_endpoint(far_end),
        "path": tuple(reading(m, v, source=here.path, **n) for m, n, v in GOOD_PATH),
        "site": tuple(reading(m, v, source="router-1", **n) for m, n, v in GOOD_SITE),
        "ours": ("9001", "mcu", "10.42.0.9"),
    }
    return PointFacts(here, said=said, **(given | changes))


def good_word(at: datetime, answer: str = "good") -> Said:
    """Return what somebody said of a point."""
    return Said(answer, "person:an", at)
