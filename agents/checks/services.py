"""systemd units that fail, flap or are asked for. Source: systemctl(1), `show`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource
    from agents.windows import WindowsService

# Source: org.freedesktop.systemd1(5), ActiveState; the five that node_exporter reports.
STATES = ("active", "activating", "deactivating", "inactive", "failed")
BAD_STATES = frozenset({"failed", "activating"})
# A unit that has just recovered goes on being reported, so that the alert sees it recover.
RECENT_SECONDS = 600.0
MOST_UNITS = 40
# Source: psutil, WindowsService.status().
WINDOWS_STATES = {
    "running": "active",
    "start_pending": "activating",
    "continue_pending": "activating",
    "stop_pending": "deactivating",
    "pause_pending": "deactivating",
}
PROPERTIES = "Id,Names,Type,ActiveState,NRestarts,StateChangeTimestampMonotonic"
PATTERNS = ("*.service", "*.socket", "*.timer", "*.mount")
COMMAND_LIMIT_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; `restarts` is None where systemd does not count them (not a service)."""

    name: str
    names: frozenset[str]
    type: str
    state: str
    restarts: int | None
    changed_seconds_ago: float


@dataclass(frozen=True, slots=True)
class Services:
    """All units in memory, and the names that are always reported."""

    units: list[Unit]
    configured: tuple[str, ...] = field(default=())


def parse_show(text: str, monotonic_seconds: float) -> list[Unit]:
    """Return the units from blocks of `Property=value` lines.

    Raises:
        SourceError: A block has no Id or no ActiveState.
    """
    units: dict[str, Unit] = {}
    for block in text.split("\n\n"):
        lines = (line.partition("=") for line in block.strip().splitlines())
        found = {key: value for key, _, value in lines}
        if not found:
            continue
        if not found.get("Id") or not found.get("ActiveState"):
            raise SourceError(f"systemctl show: a unit without Id or ActiveState: {block[:80]!r}")
        units[found["Id"]] = _unit(found, monotonic_seconds)
    return list(units.values())


def _unit(found: dict[str, str], monotonic_seconds: float) -> Unit:
    restarts = found.get("NRestarts", "")
    changed = found.get("StateChangeTimestampMonotonic", "")
    changed_at = int(changed) / 1e6 if changed.isdigit() else 0.0
    return Unit(
        name=found["Id"],
        names=frozenset(found.get("Names", "").split()) | {found["Id"]},
        type=found.get("Type", ""),
        state=found["ActiveState"],
        restarts=int(restarts) if restarts.isdigit() else None,
        changed_seconds_ago=monotonic_seconds - changed_at if changed_at else float("inf"),
    )


def from_windows(found: list[WindowsService], configured: tuple[str, ...]) -> list[Unit]:
    """Return the services that start by themselves, and those configured, in systemd's words.

    One that should run and does not is `failed`; it is reported by itself as a unit is. One that
    a trigger starts may be at rest: it is `inactive` then, and no fault.
    """
    units = []
    for service in found:
        is_automatic = service.start == "automatic"
        if not is_automatic and service.name not in configured:
            continue
        state = WINDOWS_STATES.get(service.state, "inactive")
        if is_automatic and not service.is_triggered and state == "inactive":
            state = "failed"
        names = frozenset({service.name})
        units.append(Unit(service.name, names, "windows", state, None, float("inf")))
    return units


def read(host: HostSource) -> Services:
    """Ask systemd once for all its units; absent where the host was not booted with it."""
    if not host.is_linux:
        return Services(from_windows(host.windows.services(), host.services), host.services)
    # Source: sd_booted(3): this directory exists exactly where systemd is the init system.
    if not (host.root / "run/systemd/system").is_dir():
        raise NoData("not booted with systemd")
    command = ("systemctl", "show", "--no-pager", f"--property={PROPERTIES}", "--")
    text = host.run((*command, *PATTERNS, *host.services), COMMAND_LIMIT_SECONDS)
    return Services(parse_show(text, host.monotonic()), host.services)


def select(now: Services, before: Services | None = None) -> list[Unit]:
    """Return the units to report, the most important first.

    Configured ones; those failed or activating; those restarted by systemd; those whose state
    changed in the last ten minutes or, where nobody notes when (Windows), since the last reading.
    The rest of the host's units make no series.
    """
    states = {u.name: u.state for u in before.units} if before else {}
    configured = [u for u in now.units if not u.names.isdisjoint(now.configured)]
    bad = [u for u in now.units if u.state in BAD_STATES]
    restarted = [u for u in now.units if u.restarts]
    recent = [
        u
        for u in now.units
        if u.changed_seconds_ago < RECENT_SECONDS or states.get(u.name, u.state) != u.state
    ]
    return list({u.name: u for u in (*configured, *bad, *restarted, *recent)}.values())


def evaluate(now: Services, before: Services | None) -> Iterator[Observation]:
    """Yield the states of at most 40 units as five series each, 0 or 1, and restart counters."""
    selected = select(now, before)
    for unit in selected[:MOST_UNITS]:
        for state in STATES:
            labels = {"name": unit.name, "state": state, "type": unit.type}
            yield Observation("node_systemd_unit_state", labels, 1 if unit.state == state else 0)
        if unit.restarts is not None:
            labels = {"name": unit.name}
            yield Observation("node_systemd_service_restart_total", labels, unit.restarts)
    omitted = max(0, len(selected) - MOST_UNITS)
    yield Observation("wanwatch_check_omitted_objects", {"check": "services"}, omitted)


CHECK = Check(
    "services", every_seconds=30, limit_seconds=10, read=read, evaluate=evaluate, most_series=250
)
