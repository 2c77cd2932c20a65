"""Polycom HDX and VSX endpoints (POLYCOM-VIDEO-MIB).

No leaf says whether there is a call, and after one its figures stay as they were. They are told
only in a poll that finds one of them changed: then a call is going on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.endpoint import METRICS, MOST_SERIES, Call, Endpoint, Stream, observe
from agents.snmp.family import Asked, Family, Poll, is_below, label, number
from agents.snmp.uptime import uptime_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.observation import Observation

ROOT = "1.3.6.1.4.1.2684.1.1"
FAR_END = f"{ROOT}.2.0"
# Per cent of sound and picture, milliseconds, milliseconds there and back, all as text.
LOST, JITTER, LATENCY = f"{ROOT}.21.0", f"{ROOT}.22.0", f"{ROOT}.23.0"
ASKED = Asked((FAR_END, LOST, JITTER, LATENCY))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the endpoint, and its call while the figures move."""
    said = tuple(number(poll.values.get(oid)) for oid in (LOST, JITTER, LATENCY))
    before = poll.memory.get("said")
    poll.memory["said"] = said
    is_moving = isinstance(before, tuple) and before != said and None not in before
    calls = poll.memory.setdefault("calls", {})
    call = (_call(poll, said),) if is_moving else None
    endpoint = Endpoint("hdx", calls=call, uptime_seconds=uptime_of(poll))
    yield from observe(poll.target, endpoint, calls if isinstance(calls, dict) else {})


def _call(poll: Poll, said: tuple[float | None, ...]) -> Call:
    lost, jitter, latency = (value if value is None or value >= 0 else None for value in said)
    stream = Stream(
        "all",
        "receive",
        lost_ratio=lost / 100 if lost is not None and lost <= 100 else None,
        jitter_seconds=jitter / 1e3 if jitter is not None else None,
    )
    return Call(
        "h323",
        far_end=label(poll.values.get(FAR_END)),
        latency_seconds=latency / 1e3 if latency is not None else None,
        streams=(stream,),
    )


FAMILY = Family(
    name="hdx",
    is_likely=lambda identity: is_below(
        identity.object_id, "1.3.6.1.4.1.2684", "1.3.6.1.4.1.13885"
    ),
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=MOST_SERIES,
    leaf=FAR_END,
    kind="conference",
)
