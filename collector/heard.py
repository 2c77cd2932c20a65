"""What devices said by themselves, as an agent heard it: of which target it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.targets.targets import Target, Targets

TRAP, OTHERS = "trap.", frozenset({"syslog", "quality"})


class Heard(NamedTuple):
    """One message of a device.

    Attributes:
        at: By our clock. `agent`, `unit`: who heard it, and whose device it is.
        target: The node of the target that it is of; empty where no one target has the address.
    """

    at: datetime
    agent: str
    unit: str
    target: str
    address: str
    kind: str
    labels: Mapping[str, str]
    detail: str


class ReportedEvent(Protocol):
    """An event as a report brings it; `at` is Unix seconds of the agent's clock."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def detail(self) -> str: ...


def heard_of(
    events: Iterable[ReportedEvent],
    sent_at: float,
    received_at: datetime,
    agent: str,
    unit: str,
    host: str,
    targets: Targets,
) -> Iterator[Heard]:
    """Yield what the events of an agent's report say of devices.

    Args:
        sent_at: When the report left, Unix seconds of the agent's clock.
        host: The agent's host in its `unit`.
    """
    offset = received_at.timestamp() - sent_at
    for event in events:
        if not event.kind.startswith(TRAP) and event.kind not in OTHERS:
            continue
        labels = dict(event.labels)
        address = labels.pop("address", "")
        target = target_of(address, f"{unit}/{host}", unit, targets)
        yield Heard(
            min(received_at, datetime.fromtimestamp(event.at + offset, UTC)),
            agent,
            (target.unit or unit) if target else unit,
            target.node if target else "",
            address,
            event.kind,
            labels,
            event.detail,
        )


def target_of(address: str, asker: str, unit: str, targets: Targets) -> Target | None:
    """Return the one target with this address as the agent sees it.

    Merged provinces use the same addresses: one that this agent asks comes before one of its unit,
    and of several none is meant.
    """
    same = [one for one in targets.by_name.values() if address and one.address == address]
    for group in (
        [one for one in same if asker in one.asked_by],
        [one for one in same if one.unit == unit],
    ):
        names = {one.node for one in group}
        if len(names) == 1:
            return group[0]
        if names:
            return None
    return None
