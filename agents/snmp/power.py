"""An uninterruptible power supply as every make describes it, and what is reported of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "wanwatch_ups_"
METRICS = (
    f"{PREFIX}on_battery", f"{PREFIX}battery_low", f"{PREFIX}replace_battery",
    f"{PREFIX}charge_ratio", f"{PREFIX}load_ratio", f"{PREFIX}runtime_seconds",
    f"{PREFIX}on_battery_seconds", f"{PREFIX}outage_runtime_seconds",
    f"{PREFIX}outage_charge_ratio",
)  # fmt: skip
# A figure beyond is none: devices that cannot say give the highest number they know.
MOST_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Supply:
    """What one poll says; None: the device does not say.

    Attributes:
        on_battery_seconds: How long it has been on its battery.
        runtime_seconds: How long the battery would last from now.
        charge_ratio: 0 to 1.
        load_ratio: Of what it may carry; one that carries more is reported as 1.
    """

    is_on_battery: bool | None = None
    is_battery_low: bool | None = None
    is_battery_to_replace: bool | None = None
    on_battery_seconds: float | None = None
    runtime_seconds: float | None = None
    charge_ratio: float | None = None
    load_ratio: float | None = None


def observe(target: str, supply: Supply) -> Iterator[Observation]:
    """Yield what is known; what is left for an outage only while there is one."""
    of = {"target": target}
    facts = {
        "on_battery": supply.is_on_battery,
        "battery_low": supply.is_battery_low,
        "replace_battery": supply.is_battery_to_replace,
    }
    for name, fact in facts.items():
        if fact is not None:
            yield Observation(PREFIX + name, of, int(fact))
    is_outage = supply.is_on_battery is True
    seconds = {
        "runtime": supply.runtime_seconds,
        "outage_runtime": supply.runtime_seconds if is_outage else None,
        "on_battery": supply.on_battery_seconds,
    }
    for name, value in seconds.items():
        if value is not None and 0 <= value <= MOST_SECONDS:
            yield Observation(f"{PREFIX}{name}_seconds", of, value)
    ratios = {
        "charge": supply.charge_ratio,
        "outage_charge": supply.charge_ratio if is_outage else None,
        "load": supply.load_ratio,
    }
    for name, ratio in ratios.items():
        if ratio is not None and ratio >= 0:
            yield Observation(f"{PREFIX}{name}_ratio", of, round(min(1.0, ratio), 6))
