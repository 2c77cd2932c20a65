"""Power supplies of APC by their own tree (PowerNet-MIB)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.snmp.family import Asked, Family, Poll, is_below, number, whole
from agents.snmp.power import METRICS, Supply, observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.observation import Observation

UPS = "1.3.6.1.4.1.318.1.1.1"
BATTERY_STATUS, ON_BATTERY_TICKS = f"{UPS}.2.1.1.0", f"{UPS}.2.1.2.0"
CHARGE_PERCENT, CHARGE_TENTHS = f"{UPS}.2.2.1.0", f"{UPS}.2.3.1.0"
RUNTIME_TICKS, REPLACE_BATTERY = f"{UPS}.2.2.3.0", f"{UPS}.2.2.4.0"
OUTPUT_STATUS, LOAD_PERCENT, LOAD_TENTHS = f"{UPS}.4.1.1.0", f"{UPS}.4.2.3.0", f"{UPS}.4.3.3.0"
ASKED = Asked(
    (
        BATTERY_STATUS, ON_BATTERY_TICKS, CHARGE_PERCENT, CHARGE_TENTHS, RUNTIME_TICKS,
        REPLACE_BATTERY, OUTPUT_STATUS, LOAD_PERCENT, LOAD_TENTHS,
    )
)  # fmt: skip
# upsBasicOutputStatus: online, boosting, trimming, eco, in a test of the battery, on a bypass; of
# all others nothing is said.
ON_BATTERY, ON_MAINS = 3, (2, 4, 6, 9, 10, 12, 13, 15)
# upsBasicBatteryStatus: normal, low, faulty. upsAdvBatteryReplaceIndicator: no, yes.
KNOWN_STATUS, LOW, FAULTY = (2, 3, 4), 3, 4
REPLACE, KNOWN_REPLACE = 2, (1, 2)


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield the state of the supply."""
    values = poll.values
    output, status = whole(values.get(OUTPUT_STATUS)), whole(values.get(BATTERY_STATUS))
    replace = whole(values.get(REPLACE_BATTERY))
    is_bad = replace == REPLACE or status == FAULTY

    def scaled(*options: tuple[str, float]) -> float | None:
        found = ((number(values.get(oid)), parts) for oid, parts in options)
        return next((value / parts for value, parts in found if value is not None), None)

    is_on_battery = output == ON_BATTERY if output in (ON_BATTERY, *ON_MAINS) else None
    supply = Supply(
        is_on_battery=is_on_battery,
        is_battery_low=status == LOW if status in KNOWN_STATUS else None,
        is_battery_to_replace=is_bad if is_bad or replace in KNOWN_REPLACE else None,
        on_battery_seconds=scaled((ON_BATTERY_TICKS, 100)) if is_on_battery else None,
        runtime_seconds=scaled((RUNTIME_TICKS, 100)),
        charge_ratio=scaled((CHARGE_TENTHS, 1000), (CHARGE_PERCENT, 100)),
        load_ratio=scaled((LOAD_TENTHS, 1000), (LOAD_PERCENT, 100)),
    )
    yield from observe(poll.target, supply)


FAMILY = Family(
    name="apc_ups",
    is_likely=lambda identity: is_below(identity.object_id, "1.3.6.1.4.1.318"),
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=len(METRICS),
    leaf=OUTPUT_STATUS,
    kind="network",
)
