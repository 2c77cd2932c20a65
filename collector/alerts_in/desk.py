"""What Alertmanager's API shows: alerts from outside, and to people those of our own rules, too."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from collector.alerts_in.alert import labels_of
from collector.alerts_in.label_view import VIEWED, view_of_row
from collector.alerts_in.routing import alertmanager_config
from collector.alerts_in.silences import id_of
from collector.alerts_in.views import SILENCED, Shown
from collector.storage.queries.visibility import in_scope
from collector.storage.schema import alerts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from collector.alerts_in import Outside
    from collector.alerts_in.routes_file import OutsidePolicy
    from collector.alerts_in.sources import Source
    from collector.storage.database import Database
    from collector.storage.queries.visibility import Viewer

# What our own alerts say of their end while they fire.
AHEAD = timedelta(minutes=5)
_COLUMNS = (
    "id", "fingerprint", "source", *VIEWED, "summary_vi", "summary_en", "value", "runbook",
    "started_at", "changed_at", "suppressed", "suppressed_by",
)  # fmt: skip


class OutsideDesk:
    """Reads the book and the tables for one request."""

    def __init__(
        self,
        outside: Outside,
        database: Database,
        *,
        console_url: str,
        started_at: datetime,
        now: Callable[[], datetime],
    ) -> None:
        self.book, self.door = outside.book, outside.door
        self._database, self._console_url, self._now = database, console_url, now
        self.started_at = started_at

    @property
    def policy(self) -> OutsidePolicy:
        """What alerts are here."""
        return self.book.policy

    @property
    def config(self) -> str:
        """Return our routes as a configuration of Alertmanager."""
        return alertmanager_config(self.policy.root, self.policy.resolve_timeout)

    def has_unit(self, code: str) -> bool:
        """Say whether there is a unit of this code."""
        return self.book.has_unit(code)

    async def of_source(self, source: Source) -> list[Shown]:
        """Return what one source says now, and nothing of anybody else."""
        where = alerts.c.source == source.id
        opened = await self._database.read(lambda c: _open_rows(c, where))
        return self._from_book(opened, lambda _: True, source.id)

    async def of_viewer(self, viewer: Viewer) -> list[Shown]:
        """Return what is open in the units that somebody sees."""
        where = in_scope(viewer, alerts.c.unit)
        opened = await self._database.read(lambda c: _open_rows(c, where))
        own = [self._own(row) for row in opened.values() if not row.source]
        outside = self._from_book(opened, lambda one: viewer.units is None or one in opened)
        return [*outside, *own]

    def _from_book(
        self, opened: dict[str, Any], is_asked: Callable[[str], bool], source: str = ""
    ) -> list[Shown]:
        found = []
        for one in self.book:
            if one.told is None or (source and one.source.id != source):
                continue
            if not is_asked(one.fingerprint):
                continue
            alert, row = one.alert, opened.get(one.fingerprint)
            why, by = ("", "") if row is None else (row.suppressed, row.suppressed_by)
            found.append(
                Shown(
                    alert.labels, alert.annotations, alert.starts_at, alert.ends_at,
                    alert.updated_at, alert.generator_url, why, _by(why, by),
                )
            )  # fmt: skip
        return found

    def _own(self, row: Any) -> Shown:
        said = {
            "summary": row.summary_vi,
            "summary_en": row.summary_en,
            "value": row.value,
            "runbook_url": self.runbook_url(row.runbook),
        }
        return Shown(
            labels_of(view_of_row(row)),
            labels_of(said),
            row.started_at,
            self._now() + AHEAD,
            row.changed_at,
            f"{self._console_url}/alerts",
            row.suppressed,
            _by(row.suppressed, row.suppressed_by),
        )

    def runbook_url(self, name: str) -> str:
        """Return where a runbook is read."""
        return f"{self._console_url}/runbooks/{name}" if name else ""


def _by(why: str, by: str) -> tuple[str, ...]:
    if not by:
        return ()
    return (id_of(int(by)),) if why in SILENCED and by.isdecimal() else (by,)


def _open_rows(connection: Connection, where: Any) -> dict[str, Any]:
    columns = (alerts.c[name] for name in _COLUMNS)
    rows = connection.execute(select(*columns).where(alerts.c.resolved_at.is_(None), where))
    return {row.fingerprint: row for row in rows}
