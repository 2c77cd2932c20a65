"""Order and search of what is stored: on SQLite and PostgreSQL as in the pure functions."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from collector.inventory import UnitRow, read_units
from collector.storage import account_store, sessions
from collector.storage.account_tables import accounts
from collector.storage.fleet import replace_units
from collector.storage.queries.sessions import list_sessions
from collector.storage.queries.units import list_units
from incidents.actor import Viewer
from incidents.sessions.model import Point, Session
from incidents.vietnamese import search_of
from tests.old_letters import UNITS_TEXT, written
from tests.vietnamese_cases import ORDERED, PEOPLE, SEARCHES, UNITS

if TYPE_CHECKING:
    from collector.storage.database import Database

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def units_of(db: Database, query: str = "", limit: int = 100) -> list[str]:
    """Return the names of all pages of a search."""
    names: list[str] = []
    after: str | None = None
    while True:
        page = db.read_now(
            lambda c, after=after: list_units(
                c, Viewer(), search=search_of(query), limit=limit, after=after
            )
        )
        names += [unit.name for unit in page.items]
        if (after := page.next) is None:
            return names


def filled(db: Database, names: list[str]) -> None:
    rows = [
        UnitRow(f"ZZ{chr(ord('A') + place)}", name) for place, name in enumerate(reversed(names))
    ]
    db.write_now(lambda c: replace_units(c, rows))


@pytest.mark.parametrize("names", ORDERED)
def test_units_stand_in_the_order_of_the_dictionary(db: Database, names: list[str]) -> None:
    """The database compares bytes, whatever its language is."""
    filled(db, names)

    assert units_of(db) == names
    assert units_of(db, limit=2) == names


@pytest.mark.parametrize("name", written(""))
def test_an_import_gives_the_same_tables_in_every_writing(db: Database, name: str) -> None:
    """Old names are found, too, whichever way their tone was written."""
    db.write_now(lambda c: replace_units(c, read_units(written(UNITS_TEXT)[name])))

    assert units_of(db) == [
        "Đặc khu Phú Quý", "Phường Hòa Bình", "Tỉnh Lâm Đồng", "Ủy ban nhân dân xã Nghĩa Đức",
    ]  # fmt: skip
    assert units_of(db, "thị trấn hòa") == ["Phường Hòa Bình"]
    assert units_of(db, "huyện đảo phú qúy") == ["Đặc khu Phú Quý"]


def test_search_finds_units_with_exact_marks_first(db: Database) -> None:
    """With marks, without, partly, composed or not, tones by either custom, on every page."""
    filled(db, UNITS)

    for query, names in SEARCHES.items():
        assert units_of(db, query) == names, query
        assert units_of(db, unicodedata.normalize("NFD", query)) == names, query
        assert units_of(db, query, limit=1) == names, query


def test_search_finds_a_session_by_its_name_or_a_point(db: Database) -> None:
    """The very marks come first, in the name as in a point's."""
    plan = Session(0, "Hội nghị hoà giải", "B", NOW + timedelta(days=2), NOW + timedelta(days=3))
    point = Point(1, "H1", "Phường Hóa An", is_main=True)
    other = replace(plan, name="Giao ban", starts_at=NOW + timedelta(days=1), points=(point,))
    for session in (other, plan):
        db.write_now(
            lambda c, session=session: sessions.add_session(c, session, actor="person:t", now=NOW)
        )

    def found(query: str) -> list[str]:
        listed = db.read_now(
            lambda c: list_sessions(c, Viewer(), search=search_of(query), limit=10)
        )
        return [row.name for row in listed.items]

    assert found("hòa") == ["Hội nghị hoà giải", "Giao ban"]
    assert found("hóa") == ["Giao ban", "Hội nghị hoà giải"]
    assert found("hoa an") == ["Giao ban"]


def test_accounts_are_listed_by_given_name(db: Database) -> None:
    """The last word of a name first, then the family name, as lists of people are made here."""
    blank = {"password_hash": "", "must_change": False, "password_at": NOW, "created_by": ""}
    rows = [
        {"name_key": name.casefold(), "name": name, "created_at": NOW, **blank}
        for name in reversed(PEOPLE)
    ]
    db.write_now(lambda c: c.execute(insert(accounts), rows))

    assert [one.name for one in db.read_now(account_store.list_accounts)] == PEOPLE
