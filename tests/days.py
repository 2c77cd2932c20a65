"""A day of the units for tests that look at pages: most have confirmed, two have not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.storage import unit_days as store
from incidents.unit_day import Confirmation
from incidents.vietnamese import ZONE
from tests.province import UNITS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.province import Province


def seed_days(province: Province) -> None:
    """Let the units of the last working day say their word, and make the report of today."""
    now = province.clock()
    day = now.astimezone(ZONE).date() - timedelta(days=1)
    while not province.services.is_working_day(day):
        day -= timedelta(days=1)
    at = now - timedelta(hours=9)

    def write(c: Connection) -> None:
        for place, (unit, *_) in enumerate(UNITS[1:-2]):
            text = "Mất điện từ 9h đến 10h, máy văn thư không mở được" if place == 2 else ""
            way = "call" if place == 3 else "sms" if place % 2 else "page"
            told_by = "Trần Văn Bình" if way == "call" else ""
            said = Confirmation(unit, day, at, "person:Nguyễn Văn An", way, not text, text, told_by)
            store.add(c, said)
        store.add(c, Confirmation(UNITS[1][0], day, at, "person:An", "page", is_clean=True))
        today = now.astimezone(ZONE).date().isoformat()
        province.services.reports.make(c, "daily", today, "machine:daily", now)

    province.db.write_now(write)
