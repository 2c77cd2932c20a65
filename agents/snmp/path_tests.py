"""What a router measured of its paths by itself, as every vendor's tests report it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.observation import Observation
from agents.snmp.family import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_TESTS = 32
PREFIX = "wanwatch_path_probe_"
# An older result says nothing of the path as it is.
MOST_AGE_SECONDS = 3600.0
METRICS = (
    f"{PREFIX}age_seconds", f"{PREFIX}up", f"{PREFIX}lost_ratio", f"{PREFIX}rtt_seconds",
    f"{PREFIX}jitter_seconds", f"{PREFIX}direction_lost_ratio", f"{PREFIX}direction_jitter_seconds",
    f"{PREFIX}direction_delay_seconds",
)  # fmt: skip
MOST_SERIES = MOST_TESTS * (5 + 2 * 3)


class OneWay(NamedTuple):
    """One direction of a test; None: the device does not say, or its clocks do not agree."""

    lost_ratio: float | None = None
    jitter_seconds: float | None = None
    delay_seconds: float | None = None


class PathTest(NamedTuple):
    """The latest result of one test; None: not measured, or nothing came back.

    Attributes:
        name: As whoever set it up called it, else its number.
        is_answered: Whether the far end answered; None where there is no result yet.
        lost_ratio: 0 to 1, there and back.
        forward: From the device that is asked to the far end.
        age_seconds: Since the result was measured.
    """

    name: str
    is_answered: bool | None
    lost_ratio: float | None = None
    rtt_seconds: float | None = None
    jitter_seconds: float | None = None
    forward: OneWay = OneWay()
    reverse: OneWay = OneWay()
    age_seconds: float | None = None


def observe(target: str, tests: Iterable[PathTest]) -> Iterator[Observation]:
    """Yield the first tests with different names; a figure that cannot be is left out.

    Of a test that nobody answers only that is told: a path that is gone is not one that loses.
    """
    seen = set[str]()
    for one in tests:
        if one.name in seen or len(seen) == MOST_TESTS:
            continue
        seen.add(one.name)
        labels = {"target": target, "test": one.name}
        if one.age_seconds is not None:
            yield Observation(f"{PREFIX}age_seconds", labels, round(one.age_seconds, 2))
            if one.age_seconds > MOST_AGE_SECONDS:
                continue
        if one.is_answered is not None:
            yield Observation(f"{PREFIX}up", labels, int(one.is_answered))
        if one.is_answered is False:
            continue
        if one.lost_ratio is not None and 0 <= one.lost_ratio <= 1:
            yield Observation(f"{PREFIX}lost_ratio", labels, round(one.lost_ratio, 6))
        yield from _seconds(labels, {"rtt": one.rtt_seconds, "jitter": one.jitter_seconds})
        for direction, way in (("forward", one.forward), ("reverse", one.reverse)):
            to = labels | {"direction": direction}
            if way.lost_ratio is not None and 0 <= way.lost_ratio <= 1:
                yield Observation(f"{PREFIX}direction_lost_ratio", to, round(way.lost_ratio, 6))
            given = {"direction_jitter": way.jitter_seconds, "direction_delay": way.delay_seconds}
            yield from _seconds(to, given)


def name_and_rest(row: str) -> tuple[str, str]:
    """Return `owner/test` of a row of DISMAN-PING-MIB (RFC 4560) and what stands behind it.

    Both names lead the index, each as its length and its octets. Of an index that is none the
    whole is the name.
    """
    try:
        parts = [int(part) for part in row.split(".")]
        owner_end = 1 + parts[0]
        test_end = owner_end + 1 + parts[owner_end]
        if parts[0] < 0 or not owner_end < test_end <= len(parts):
            return label(row), ""
        names = bytes(parts[1:owner_end]), bytes(parts[owner_end + 1 : test_end])
    except (ValueError, IndexError):
        return label(row), ""
    return "/".join(map(label, names)), ".".join(map(str, parts[test_end:]))


def share(part: float | None, whole: float | None) -> float | None:
    """Return a share of what was sent, None where nothing was or it is not known."""
    return part / whole if part is not None and whole and whole > 0 else None


def _seconds(labels: dict[str, str], given: dict[str, float | None]) -> Iterator[Observation]:
    for name, value in given.items():
        if value is not None and 0 <= value < 3600:
            yield Observation(f"{PREFIX}{name}_seconds", labels, round(value, 6))
