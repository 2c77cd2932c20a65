"""What the tables of a run do not keep of an alert: its first bad sample, why it was not told."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collector.alerts import Firing
from collector.identity.binding import bounds_of
from collector.liveness import MISSED
from collector.metrics.own import is_silence
from collector.outages.topology import UNIT_PREFIX
from collector.storage.alerts import AlertWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from collector.alerts import Change, Suppression
    from collector.fleet import Fleet, Host
    from collector.storage.alerts import Written

# An alert from its firing to its end.
Which = tuple[str, datetime]


class Notes:
    """Listens beside the evaluator.

    Attributes:
        first_signs: When the value that made an alert fire was first bad.
        suppressions: Why it was not told, each reason once, in their order.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.first_signs: dict[Which, datetime] = {}
        self.suppressions: defaultdict[Which, dict[Suppression, None]] = defaultdict(dict)

    def listening(self, tell: Callable[[Change], None]) -> Callable[[Change], None]:
        """Return what takes a change, notes its first sign, and hands it on."""

        def told(change: Change) -> None:
            if isinstance(change, Firing):
                which = (change.fingerprint, change.started_at)
                if which not in self.first_signs:
                    self.first_signs[which] = self._first_sign(change)
            tell(change)

        return told

    def note(self, change: Change) -> None:
        """Keep since when an alert is known, and why it is stored without being told."""
        said = change if isinstance(change, Firing) else change.unwritten
        if said is None:
            return
        which = (said.fingerprint, said.started_at)
        self.first_signs.setdefault(which, said.started_at)  # what came from outside
        if said.suppression is not None:
            self.suppressions[which][said.suppression] = None

    def _first_sign(self, change: Firing) -> datetime:
        host = self._fleet.find(change.agent)
        if host is None:
            return change.started_at
        if is_silence(change.agent, change.metric):
            heard_at = self._last_heard(change.agent, host)
            if heard_at is not None:
                return heard_at
        for bound in bounds_of(host):
            if bound.fingerprint == change.fingerprint and bound.state.since is not None:
                return datetime.fromtimestamp(bound.state.since, UTC)
        return change.started_at

    def _last_heard(self, agent: str, host: Host) -> datetime | None:
        """Return when a host, or the first of a unit's that are missed, was last heard."""
        if not agent.startswith(UNIT_PREFIX):
            return host.last_report_at
        heard = (
            one.last_report_at
            for one in self._fleet.hosts.values()
            if one.unit == host.unit and one.liveness in MISSED
        )
        return min((at for at in heard if at is not None), default=None)


class NotingWriter(AlertWriter):
    """The writer of alerts; what it is given is noted first."""

    notes: Notes

    def write(self, connection: Connection, changes: Sequence[Change], now: datetime) -> Written:
        """Make the tables say what the changes say."""
        for change in changes:
            self.notes.note(change)
        return super().write(connection, changes, now)
