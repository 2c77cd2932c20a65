"""Power supplies of any make that speak UPS-MIB (RFC 1628)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.snmp.family import Asked, Family, Poll, column, is_below, number, text, whole
from agents.snmp.power import METRICS, Supply, observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.observation import Observation

UPS = "1.3.6.1.2.1.33.1"
BATTERY_STATUS, ON_BATTERY_SECONDS = f"{UPS}.2.1.0", f"{UPS}.2.2.0"
RUNTIME_MINUTES, CHARGE_PERCENT = f"{UPS}.2.3.0", f"{UPS}.2.4.0"
OUTPUT_SOURCE, ALARMS_PRESENT = f"{UPS}.4.1.0", f"{UPS}.6.1.0"
LOAD_PERCENT, ALARMS = f"{UPS}.4.4.1.5", f"{UPS}.6.2.1.2"
BATTERY_BAD = f"{UPS}.6.3.1"
ASKED = Asked(
    leaves=(
        BATTERY_STATUS, ON_BATTERY_SECONDS, RUNTIME_MINUTES, CHARGE_PERCENT, OUTPUT_SOURCE,
        ALARMS_PRESENT,
    ),
    tables=(LOAD_PERCENT, ALARMS),
)  # fmt: skip
# upsOutputSource: normal, bypass, battery, booster, reducer; 1 and 2 say nothing of the mains.
ON_BATTERY, KNOWN_SOURCES = 5, (3, 4, 5, 6, 7)
# upsBatteryStatus: unknown, normal, low, depleted.
KNOWN_STATUS, LOW = (2, 3, 4), (3, 4)


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the state of the supply."""
    values = poll.values
    source, status = whole(values.get(OUTPUT_SOURCE)), whole(values.get(BATTERY_STATUS))
    minutes, charge = number(values.get(RUNTIME_MINUTES)), number(values.get(CHARGE_PERCENT))
    loads = [load for one in column(values, LOAD_PERCENT).values() if (load := number(one))]
    alarms = {text(one).lstrip(".") for one in column(values, ALARMS).values()}
    supply = Supply(
        is_on_battery=source == ON_BATTERY if source in KNOWN_SOURCES else None,
        is_battery_low=status in LOW if status in KNOWN_STATUS else None,
        is_battery_to_replace=BATTERY_BAD in alarms if ALARMS_PRESENT in values else None,
        on_battery_seconds=number(values.get(ON_BATTERY_SECONDS)),
        runtime_seconds=None if minutes is None else minutes * 60,
        charge_ratio=None if charge is None else charge / 100,
        load_ratio=max(loads) / 100 if loads else None,
    )
    yield from observe(poll.target, supply)


FAMILY = Family(
    name="ups",
    # APC's own cards may speak this, too; what they say in their own tree says more.
    is_likely=lambda identity: not is_below(identity.object_id, "1.3.6.1.4.1.318"),
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=len(METRICS),
    leaf=BATTERY_STATUS,
    kind="network",
)
