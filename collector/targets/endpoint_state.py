"""The newest values of a target → the state of an endpoint.

What it does, how its calls do, how old each figure is. Figures that are too old for the present say
nothing of it, and never that all is well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Activity = Literal["in_call", "standby", "idle"]
Standing = Literal["critical", "warning", "no_data", "good"]
STANDINGS: tuple[Standing, ...] = ("critical", "warning", "no_data", "good")
# A value is of the present for three of its spacings, and a poll may come late by this.
FRESH_SPACINGS, LATE_SECONDS = 3.0, 30.0
# Of a series whose second value has not come yet.
USUAL_SPACING_SECONDS = 60.0

IDENTITY = ("family", "model", "software", "serial")


class Reading(NamedTuple):
    """The newest value of one series.

    Attributes:
        at: Unix seconds. `spacing_seconds`: how far apart its values are; 0 where nobody knows.
    """

    name: str
    labels: Mapping[str, str]
    value: float
    at: float
    spacing_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and its age; one that is not fresh says nothing of the present."""

    value: float
    at: datetime
    age_seconds: float
    is_fresh: bool


Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class StreamState:
    """One kind of media in one direction of a call; figures by name, as far as they are told."""

    media: str
    direction: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class CallState:
    """One call."""

    key: str
    far_end: str
    protocol: str
    figures: Figures
    streams: tuple[StreamState, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Something attached to an endpoint."""

    kind: str
    name: str
    is_working: Figure


@dataclass(frozen=True, slots=True)
class Answered:
    """What a probe was answered last; `alive` is None where nothing was said of life."""

    probe: str
    code: Figure
    alive: Figure | None


@dataclass(frozen=True, slots=True)
class EndpointState:
    """All that is known now of one endpoint.

    Attributes:
        is_reachable: None where no fresh answer says anything of it.
        activity: None where the device does not say, or said it too long ago.
        registered, zones: By protocol, by zone of a call control.
        figures: Of the device as a whole, by the metric's name without its beginning.
        path: Of the way to it: by direction, empty for both.
        seen_at: When its newest value came; None where none ever did.
    """

    standing: Standing
    is_reachable: bool | None
    activity: Activity | None
    identity: dict[str, str] = field(default_factory=dict)
    registered: Figures = field(default_factory=dict)
    zones: Figures = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    calls: tuple[CallState, ...] = ()
    probes: tuple[Answered, ...] = ()
    path: dict[str, Figures] = field(default_factory=dict)
    last_call: Figures = field(default_factory=dict)
    seen_at: datetime | None = None

    @property
    def worst_lost_ratio(self) -> Figure | None:
        """Return the greatest fresh loss of its calls."""
        return self.worst("lost_ratio")

    @property
    def worst_jitter_seconds(self) -> Figure | None:
        """Return the greatest fresh jitter of its calls."""
        return self.worst("jitter_seconds")

    def worst(self, name: str) -> Figure | None:
        """Return the greatest fresh figure of this name of any stream; None where there is none."""
        streams = (stream for call in self.calls for stream in call.streams)
        found = (stream.figures.get(name) for stream in streams)
        fresh = [one for one in found if one is not None and one.is_fresh]
        return max(fresh, key=lambda one: one.value, default=None)


def endpoint_state(
    readings: Iterable[Reading], severities: Iterable[str], now: float
) -> EndpointState:
    """Return the state of an endpoint.

    Args:
        severities: Of the alerts that fire on it.
        now: Unix seconds.
    """
    by_name: By = {}
    seen_at = 0.0
    for one in readings:
        by_name.setdefault(one.name, []).append((one.labels, _figure(one, now)))
        seen_at = max(seen_at, one.at)
    figures = _of_the_whole(by_name)
    registered = _by_label(by_name, "wanwatch_endpoint_registered", "protocol")
    zones = _by_label(by_name, "wanwatch_bridge_zone_up", "zone")
    parts = tuple(
        Part(labels.get("kind", ""), labels.get("name", ""), figure)
        for labels, figure in _sorted(by_name, "wanwatch_endpoint_peripheral_up")
    )
    probes = _probes(by_name)
    is_reachable = _reachable(probes)
    facts = [*registered.values(), *zones.values(), *(one.is_working for one in parts)]
    return EndpointState(
        _standing(set(severities), is_reachable, facts),
        is_reachable,
        _activity(figures),
        _identity(by_name),
        registered,
        zones,
        figures,
        parts,
        _calls(by_name),
        probes,
        _path(by_name),
        {
            f"{labels.get('media', '')}/{labels.get('direction', '')}": figure
            for labels, figure in _sorted(by_name, "wanwatch_endpoint_last_call_lost_ratio")
        },
        datetime.fromtimestamp(seen_at, UTC) if seen_at else None,
    )


By = dict[str, list[tuple["Mapping[str, str]", Figure]]]


def _figure(one: Reading, now: float) -> Figure:
    age = max(0.0, now - one.at)
    spacing = one.spacing_seconds or USUAL_SPACING_SECONDS
    at = datetime.fromtimestamp(one.at, UTC)
    return Figure(one.value, at, age, age <= FRESH_SPACINGS * spacing + LATE_SECONDS)


def _sorted(by_name: By, name: str) -> list[tuple[Mapping[str, str], Figure]]:
    return sorted(by_name.get(name, ()), key=lambda pair: sorted(pair[0].items()))


def _by_label(by_name: By, name: str, label: str) -> Figures:
    return {labels.get(label, ""): figure for labels, figure in _sorted(by_name, name)}


def _of_the_whole(by_name: By) -> Figures:
    """Return what a device says once, and what its certificate and clock are."""
    found: Figures = {}
    for name, values in by_name.items():
        for start in ("wanwatch_endpoint_", "wanwatch_tls_", "wanwatch_ntp_"):
            (labels, figure), is_one = values[0], len(values) == 1
            if is_one and name.startswith(start) and not labels.keys() - {"target"}:
                found[name.removeprefix("wanwatch_")] = figure
    return found


def _activity(figures: Figures) -> Activity | None:
    calls, standby = figures.get("endpoint_calls"), figures.get("endpoint_standby")
    if calls is not None and calls.is_fresh and calls.value > 0:
        return "in_call"
    if standby is not None and standby.is_fresh and standby.value > 0:
        return "standby"
    return "idle" if calls is not None and calls.is_fresh else None


def _identity(by_name: By) -> dict[str, str]:
    known = by_name.get("wanwatch_endpoint_info", ())
    newest = max(known, key=lambda pair: pair[1].at, default=None)
    return {} if newest is None else {name: newest[0].get(name, "") for name in IDENTITY}


def _probes(by_name: By) -> tuple[Answered, ...]:
    alive = _by_label(by_name, "wanwatch_probe_alive", "probe")
    codes = _by_label(by_name, "wanwatch_probe_answer_code", "probe")
    return tuple(Answered(probe, code, alive.get(probe)) for probe, code in codes.items())


def _reachable(probes: tuple[Answered, ...]) -> bool | None:
    said = [one.alive.value >= 1 for one in probes if one.alive is not None and one.alive.is_fresh]
    return any(said) if said else None


def _standing(severities: set[str], is_reachable: bool | None, facts: Iterable[Figure]) -> Standing:
    """Return the worst of what fires, and never good where a fresh fact is bad or none is there."""
    if "critical" in severities:
        return "critical"
    is_bad = is_reachable is False or any(one.is_fresh and one.value < 1 for one in facts)
    if severities or is_bad:
        return "warning"
    return "no_data" if is_reachable is None else "good"


def _calls(by_name: By) -> tuple[CallState, ...]:
    of_calls: dict[str, Figures] = {}
    of_streams: dict[str, dict[tuple[str, str], Figures]] = {}
    info: dict[str, Mapping[str, str]] = {}
    for name, values in by_name.items():
        if not name.startswith("wanwatch_call_"):
            continue
        for labels, figure in values:
            key, short = labels.get("call", ""), name.removeprefix("wanwatch_call_")
            own = of_calls.setdefault(key, {})
            if name == "wanwatch_call_info":
                info[key] = labels
            elif "media" in labels:
                side = labels["media"], labels.get("direction", "")
                of_streams.setdefault(key, {}).setdefault(side, {})[short] = figure
            else:
                own[short] = figure
    return tuple(
        CallState(
            key,
            info.get(key, {}).get("far_end", ""),
            info.get(key, {}).get("protocol", ""),
            figures,
            tuple(
                StreamState(*side, figures)
                for side, figures in sorted(of_streams.get(key, {}).items())
            ),
        )
        for key, figures in sorted(of_calls.items())
    )


def _path(by_name: By) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for name, values in sorted(by_name.items()):
        if name.startswith(("wanwatch_stamp_", "wanwatch_icmp_", "wanwatch_path_")):
            for labels, figure in values:
                if "codec" not in labels:
                    side = found.setdefault(labels.get("direction", ""), {})
                    side[name.removeprefix("wanwatch_")] = figure
    return found
