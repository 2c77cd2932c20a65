"""How a test asks a device: with means of its own, whose memory lasts from poll to poll."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.notes import Notes
from agents.probe import COMMON
from tests.probe_means import CREDENTIALS, MEANS
from tests.probe_servers import LOOPBACK

if TYPE_CHECKING:
    from agents.check import Observation
    from agents.probe import Means, Probe

DAY = 86_400.0


@dataclass
class Clock:
    """Seconds that a test moves."""

    at: float = 1.8e9

    def __call__(self) -> float:
        """Return the time."""
        return self.at


@dataclass
class Asking:
    """One probe on one target, over several polls."""

    probe: Probe[Any]
    port: int
    params: dict[str, Any] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    means: Means = MEANS

    def __post_init__(self) -> None:
        """Begin with nothing remembered."""
        self.means = replace(
            MEANS, now=self.clock, monotonic=self.clock, notes=Notes(None), memory={}, shared={}
        )

    def poll(self, seconds: float = 60, **params: Any) -> Found:
        """Ask once, so long after the last time."""
        self.clock.at += seconds
        given = {"credentials": CREDENTIALS, "port": self.port} | self.params | params
        kind = self.probe.params(target="it", address=LOOPBACK, **given)
        found = self.probe.run(kind, self.means)
        assert {one.name for one in found} <= {*COMMON, *self.probe.metrics}
        assert len(found) <= self.probe.most_series
        return Found(found)


class Found:
    """What one poll reported."""

    def __init__(self, observations: list[Observation]) -> None:
        self.all = observations

    @property
    def answer(self) -> Answer:
        """What the device said."""
        (code,) = [one.value for one in self.all if one.name == "wanwatch_probe_answer_code"]
        return Answer(int(code))

    def values(self, name: str, *labels: str) -> dict[Any, float]:
        """Return the values of a metric by some of its labels."""
        found: dict[Any, float] = {}
        for one in self.all:
            if one.name == f"wanwatch_{name}":
                key = tuple(one.labels.get(label, "") for label in labels)
                found[key[0] if len(key) == 1 else key] = one.value
        return found

    def value(self, name: str) -> float | None:
        """Return the value of a metric that the device has once; None where it is not there."""
        return next((o.value for o in self.all if o.name == f"wanwatch_{name}"), None)

    def labels(self, name: str) -> dict[str, str]:
        """Return the labels of a metric."""
        (found,) = [one.labels for one in self.all if one.name == f"wanwatch_{name}"]
        return found
