"""What the faults of an instant do to a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.simulation.faults import Fault

FILLS_WITHIN_SECONDS = 20.0
CLOCK_AHEAD_SECONDS = 90.0
CLOCK_DRIFT_SECONDS = 0.2
FLOOD_REPORTS = 50
BUSY_RATIO = 0.97
ERRORS_PER_SECOND = 5.0
BATTERY_SECONDS = 3_600.0
CERTIFICATE_DAYS = 5.0
USUAL_CERTIFICATE_DAYS = 200.0


@dataclass(frozen=True, slots=True)
class Effect:
    """What a host has to suffer.

    Attributes:
        disk_filled, memory_filled: From 0 (its usual use) to 1 (all but full).
        cpu_busy: At least this share of the processors is in use.
        clock_ahead_seconds: How much its clock is ahead; below 0 when it is behind.
        is_clock_alone: Nobody sets its clock any more.
        line_errors: Broken packets received so far.
        booted_ago_seconds: Since its last boot; None when no fault caused it.
    """

    disk_filled: float = 0.0
    is_read_only: bool = False
    is_raid_degraded: bool = False
    memory_filled: float = 0.0
    cpu_busy: float = 0.0
    is_service_dead: bool = False
    clock_ahead_seconds: float = 0.0
    is_clock_alone: bool = False
    is_cut_off: bool = False
    line_errors: float = 0.0
    is_off: bool = False
    booted_ago_seconds: float | None = None
    is_on_battery: bool = False
    battery_percent: float = 100.0
    needs_reboot: bool = False
    certificate_days: float = USUAL_CERTIFICATE_DAYS
    reports_at_once: int = 1
    is_cloned: bool = False


NO_EFFECT = Effect()


def effect_of(faults: Sequence[Fault], elapsed_seconds: float) -> Effect:
    """Return what the faults of one host do at an instant; of two of a kind one is enough."""
    if all(fault.at_seconds > elapsed_seconds for fault in faults):
        return NO_EFFECT
    on = {fault.kind: fault for fault in faults if fault.is_on(elapsed_seconds)}
    disk, battery = on.get("disk_fills"), on.get("on_battery")
    return Effect(
        disk_filled=0.0 if disk is None else _filled(disk, elapsed_seconds),
        is_read_only="disk_read_only" in on,
        is_raid_degraded="raid_fails" in on,
        memory_filled=1.0 if "memory_fills" in on else 0.0,
        cpu_busy=BUSY_RATIO if "cpu_busy" in on else 0.0,
        is_service_dead="service_dies" in on,
        clock_ahead_seconds=_ahead(set(on)),
        is_clock_alone="clock_alone" in on,
        is_cut_off="link_cut" in on,
        line_errors=_errors(faults, elapsed_seconds),
        is_off="power_off" in on,
        booted_ago_seconds=_booted_ago(faults, elapsed_seconds),
        is_on_battery=battery is not None,
        battery_percent=100.0 if battery is None else _charge(battery, elapsed_seconds),
        needs_reboot="reboot_waits" in on,
        certificate_days=CERTIFICATE_DAYS if "certificate_ends" in on else USUAL_CERTIFICATE_DAYS,
        reports_at_once=FLOOD_REPORTS if "flood" in on else 1,
        is_cloned="clone" in on,
    )


def _filled(fault: Fault, elapsed_seconds: float) -> float:
    """It is full after 20 s, or after a quarter of its time where that is sooner."""
    within = min(FILLS_WITHIN_SECONDS, fault.duration_seconds / 4)
    return min(1.0, (elapsed_seconds - fault.at_seconds) / within)


def _ahead(on: set[str]) -> float:
    if "clock_wrong" in on:
        return CLOCK_AHEAD_SECONDS
    return CLOCK_DRIFT_SECONDS if "clock_drifts" in on else 0.0


def _errors(faults: Sequence[Fault], elapsed_seconds: float) -> float:
    """Return a counter that grows while a line is bad and stays afterwards."""
    return ERRORS_PER_SECOND * sum(
        min(fault.duration_seconds, max(0.0, elapsed_seconds - fault.at_seconds))
        for fault in faults
        if fault.kind == "line_errors"
    )


def _booted_ago(faults: Sequence[Fault], elapsed_seconds: float) -> float | None:
    ends = (f.at_seconds + f.duration_seconds for f in faults if f.kind == "power_off")
    last = max((end for end in ends if end <= elapsed_seconds), default=None)
    return None if last is None else elapsed_seconds - last


def _charge(fault: Fault, elapsed_seconds: float) -> float:
    return max(0.0, 100.0 * (1 - (elapsed_seconds - fault.at_seconds) / BATTERY_SECONDS))
