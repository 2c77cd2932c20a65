"""Replies by telephone where levels are called: the number is a contact's, `2` calls the next."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from collector.oncall.phone_desk import Incoming, PhoneDesk, person_of
from collector.storage import schema
from collector.storage.desk_store import DeskStore
from tests.builders import desk, policy
from tests.office import DutyOffice
from tests.province import make_unit_days
from tests.switchboards import switchboard

if TYPE_CHECKING:
    from collector.storage.database import Database

AN, BINH, CHI = "0912000001", "+84912000002", "+84912000003"
# One page by telephone and the mails of the levels.
CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
  hook: {kind: webhook, url: "http://127.0.0.1:9000/hook"}
  modem: {kind: modem, url: "http://127.0.0.1:8460", token_file: token}
recipients: []
"""


class Office(DutyOffice):
    """A desk with levels, and a relay that hands replies over."""

    def __init__(self, db: Database) -> None:
        board, ids = switchboard(), itertools.count(1)
        super().__init__(db, desk(policy(CHANNELS), switchboard=board))
        self.desk.people = board.people
        self.ids = itertools.count(1)
        self.phone = PhoneDesk(
            self.desk,
            DeskStore,
            person_of=lambda number: person_of(self.desk, number),
            new_message_id=lambda: f"answer-{next(ids)}",
            unit_days=make_unit_days(self.desk, ids),
        )

    def reply(self, number: str, text: str) -> str:
        came = Incoming(f"message-{next(self.ids)}", number, text)
        done = self.db.write_now(lambda c: self.phone.take(c, came, "modem-1", self.now))
        return str(done.outcome)

    def called(self) -> list[str]:
        """Who was called, in order, each once a call; messages about deadlines are others."""
        box = schema.outbox.c
        query = select(schema.outbox).where(box.kind == "page", box.duties == "")
        rows: list[Any] = self.db.read_now(
            lambda c: c.execute(query.order_by(schema.outbox.c.id)).all()
        )
        return [name for name, _ in itertools.groupby(row.recipient for row in rows)]

    def answers(self) -> list[tuple[str, str]]:
        query = select(schema.outbox).where(schema.outbox.c.reason == "reply")
        rows = self.db.read_now(lambda c: c.execute(query.order_by(schema.outbox.c.id)).all())
        return [(row.address, row.body) for row in rows]


@pytest.fixture
def office(db: Database) -> Office:
    return Office(db)


def code_of(office: Office, incident: int) -> str:
    [row] = office.rows(schema.incidents, id=incident)
    return str(row.code)


def test_two_calls_the_next_person_at_once(office: Office) -> None:
    """The entry says who passed it on and by which way; whoever passed is told that it is done."""
    incident = office.fire()
    code = code_of(office, incident)
    assert office.called() == ["an"]
    assert office.reply(AN, f"2 {code}") == "passed_on"

    assert office.called() == ["an", "binh"]
    entry = next(e for e in office.entries(incident) if '"passed_on"' in e.canonical)
    assert '"actor":"person:an"' in entry.canonical
    assert '"way":"sms"' in entry.canonical
    assert office.answers() == [("+84912000001", f"{code}: đã chuyển cho người kế tiếp lúc 09:00.")]


def test_whoever_is_not_called_passes_nothing_on(office: Office) -> None:
    """Told that it is as it was; nobody else is called because of it."""
    code = code_of(office, office.fire())
    assert office.reply(CHI, f"2 {code}") == "not_passed_on"

    assert office.called() == ["an"]
    assert office.answers() == [(CHI, f"{code}: không chuyển được; việc vẫn như trước.")]


def test_number_of_a_contact_acknowledges_and_the_calls_end(office: Office) -> None:
    """However the number is written in the file and by the network."""
    incident = office.fire()
    assert office.reply("+84 912 000 001", f"1 {code_of(office, incident)}") == "acknowledged"
    office.after(minutes=20)

    assert office.called() == ["an"]
    assert office.reply(BINH, f"1 {code_of(office, incident)}") == "already"
