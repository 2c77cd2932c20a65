"""Words that must not be in a file: gone from everywhere by two persons, the chain as it was."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import insert, select, update

from collector.carrying import Carrier
from collector.evidence_files import EvidenceFiles
from collector.file_desk import FileDesk
from collector.jobs.jobs import Jobs
from collector.storage import removal, schema
from collector.storage.audit import audit
from collector.storage.desk_store import DeskStore, stored_timeline
from collector.storage.record import record_reading, stored_record
from collector.storage.sealer import ORIGIN
from incidents.causes import HandReport
from incidents.commands import AskSeal, Move, Note, RemoveContent, Seal, TakeIn
from incidents.commands.remove_content import years_after
from incidents.conditions import Refused
from incidents.incident import fold
from tests.builders import AN, BINH, T0, cause, desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.storage.database import Database

KEY = SigningKey(bytes(range(32)))
SECRET = "Kế hoạch A2 của Bộ Tư lệnh"
SEQ = 3  # after the opening and the note of who was told
LATER = T0 + timedelta(hours=1)
OTHER = "Danh sách B7 kèm sơ đồ"


class File:
    """One incident by hand; its entry `seq` says what must not be said."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.desk = db, desk()
        report = HandReport("khac", "000.01", "Văn phòng", "Mất liên lạc", T0)
        self.write(lambda c: self.desk.open_by_hand(DeskStore(c), report, AN, T0))
        self.do(Note(f"Chú ý: {SECRET}\nvà dòng khác"), AN)
        self.seq = len(self.entries())
        self.files = FileDesk(
            db,
            key=KEY,
            carrier=Carrier("", monotonic=lambda: 0.0),
            jobs=Jobs(now=lambda: T0, new_id=lambda: "1"),
            evidence=EvidenceFiles(folder / "evidence"),
            evidence_bytes=1000,
            exports=folder / "exports",
            now=lambda: T0,
            new_id=lambda: "1",
        )

    def write(self, fn: Callable[[Any], Any]) -> Any:
        return self.db.write_now(fn)

    def do(self, command: Any, actor: str, *, incident: int = 1) -> Any:
        return self.write(
            lambda c: self.desk.command(DeskStore(c), incident, command, actor, LATER)
        )

    def entries(self, incident: int = 1) -> list[Any]:
        return self.db.read_now(lambda c: stored_timeline(c, incident))

    def all_text(self) -> str:
        """Everything that the tables hold, as text."""

        def read(connection: Any) -> str:
            tables = schema.metadata.sorted_tables
            return "\n".join(str(connection.execute(select(table)).all()) for table in tables)

        return self.db.read_now(read)

    def audit(self) -> Any:
        key = bytes(KEY.verify_key)
        return self.db.read_now(lambda c: audit(c, origin=ORIGIN, public_key=key))


@pytest.fixture
def file(db: Database, tmp_path: Path) -> File:
    return File(db, tmp_path)


async def test_two_persons_remove_the_words_and_the_chain_still_verifies(file: File) -> None:
    """Who asked, who approved, when and why are entries; the hole is counted and explained."""
    await file.files.seal()
    file.do(AskSeal(file.seq, "ghi nhầm nội dung mật"), AN)
    file.do(Seal(file.seq), BINH)
    await file.files.seal()

    entries = file.entries()
    assert [(e.kind, e.actor) for e in entries[-2:]] == [("seal_asked", AN), ("sealed", BINH)]
    assert "ghi nhầm" in entries[-2].text
    assert entries[file.seq - 1].text is None
    assert '"asked_by":"person:an"' in entries[-1].canonical
    for who in ("person:1", "person:2", "person:3", "person:4"):
        file.write(lambda c, by=who: record_reading(c, "SC26-0001", by, LATER))
    found = file.audit()
    assert (found.findings, found.holes) == ([], 1)
    assert SECRET not in file.all_text()


async def test_words_that_come_back_are_found(file: File) -> None:
    """A backup that was put over the tables brings sealed words back: the audit says so."""
    stored = file.entries()[file.seq - 1]
    file.do(AskSeal(file.seq, "nhầm"), AN)
    file.do(Seal(file.seq), BINH)
    row = {"incident": 1, "seq": file.seq, "salt": stored.salt, "text": stored.text}
    file.write(lambda c: c.execute(insert(schema.entry_texts).values(row)))

    assert [str(one) for one in file.audit().findings] == [
        "SC26-0001 entry 3: its words were sealed away and are there again"
    ]


@pytest.mark.parametrize(
    ("command", "actor", "why"),
    [
        (Seal(SEQ), BINH, "Nobody asked"),
        (AskSeal(9, "x"), AN, "There is no entry 9"),
        (AskSeal(SEQ, "  "), AN, "A reason is needed"),
    ],
)
def test_what_is_not_asked_properly_is_refused(
    file: File, command: Any, actor: str, why: str
) -> None:
    """A reason, an entry that exists, a request before the approval."""
    with pytest.raises(Refused, match=why):
        file.do(command, actor)


def test_nobody_approves_what_they_asked_for(file: File) -> None:
    """The second person is another one; and what is sealed is not asked for again."""
    file.do(AskSeal(file.seq, "nhầm"), AN)
    with pytest.raises(Refused, match="second person"):
        file.do(Seal(file.seq), AN)
    with pytest.raises(Refused, match="asked for it already"):
        file.do(AskSeal(file.seq, "nhầm"), BINH)
    file.do(Seal(file.seq), BINH)
    with pytest.raises(Refused, match="sealed already"):
        file.do(AskSeal(file.seq, "nhầm"), AN)


async def test_a_sealed_opening_leaves_no_copy_in_title_search_or_messages(
    db: Database, tmp_path: Path
) -> None:
    """Row, search key, messages that were sent and that wait, the alert: all say it is sealed."""
    file = File(db, tmp_path)
    told = cause(7, dedup_key="z", summary_vi=OTHER, summary_en=OTHER)
    alert = {column.name: "" for column in schema.alerts.c if not column.nullable}
    alert |= {"id": 7, "started_at": T0, "changed_at": T0, "summary_vi": OTHER, "flapping": False}
    file.write(lambda c: c.execute(insert(schema.alerts).values(alert)))
    number = file.write(lambda c: file.desk.alert_fired(DeskStore(c), told, T0))
    file.write(lambda c: c.execute(update(schema.outbox).values(status="sent")))
    assert file.all_text().count(OTHER) > 4
    file.do(AskSeal(1, "nhầm"), AN, incident=number)
    file.do(Seal(1), BINH, incident=number)

    text = file.all_text()
    assert OTHER not in text
    assert "danh sach b7" not in text
    row = db.read_now(
        lambda c: c.execute(select(schema.incidents).where(schema.incidents.c.id == number)).one()
    )
    assert row.title == removal.SEALED_VI
    state = db.read_now(lambda c: fold(DeskStore(c).timeline(number, lock=False)))
    assert state.holes == {1}


def test_the_answer_kept_against_doing_it_twice_holds_nothing_of_it(file: File) -> None:
    """Even the digest of what was asked would let somebody try words against it."""
    row = {"key": "session:an:k1", "at": LATER, "request_hash": "a" * 64, "status": 200}
    other = row | {"key": "session:binh:k2", "request_hash": "b" * 64}
    for values in (row, other):
        file.write(
            lambda c, v=values: c.execute(insert(schema.idempotency).values(**v, answer="{}"))
        )
    file.do(AskSeal(file.seq, "nhầm"), AN)
    file.do(Seal(file.seq), BINH)

    hashes = select(schema.idempotency.c.request_hash).order_by(schema.idempotency.c.key)
    assert file.db.read_now(lambda c: list(c.scalars(hashes))) == ["sealed", "b" * 64]


def test_other_entries_with_the_same_words_are_named(file: File) -> None:
    """Before somebody approves: where else the same words stand, in any file."""
    words = f"Chú ý: {SECRET}\nvà dòng khác"
    file.do(Note(words), BINH)
    file.write(lambda c: file.desk.alert_fired(DeskStore(c), cause(3, dedup_key="y"), T0))
    file.do(Note(f"xem: {words}"), BINH, incident=2)
    number = len(file.entries(2))

    assert file.db.read_now(lambda c: removal.copies(c, 1, file.seq)) == [
        (1, file.seq + 1),
        (2, number),
    ]


def on_disk(folder: Path) -> list[bytes]:
    """The database's file and its log."""
    return [path.read_bytes() for path in folder.glob("collector.sqlite3*")]


async def test_sqlite_keeps_no_byte_of_what_was_removed(
    file: File, tmp_path: Path, db: Database
) -> None:
    """Neither in the file's free space nor in its log: whoever has the disk finds nothing."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL overwrites by its own VACUUM")
    for number in range(40):
        file.do(Note(f"dòng {number} " + "x" * 500), AN)
    file.do(AskSeal(file.seq, "nhầm"), AN)
    file.do(Seal(file.seq), BINH)
    await file.files.seal()
    secret, key = SECRET.encode(), b"ke hoach a2"
    for content in on_disk(tmp_path):
        assert secret not in content
        assert key not in content
    assert db.read_now(removal.must_scrub) is None


async def test_sealing_an_entry_of_evidence_removes_its_file(file: File, tmp_path: Path) -> None:
    """Unless another entry holds the same bytes; a stop before is made up for at the next turn."""
    incoming = file.files.evidence.receive("one", 1000)
    incoming.write(OTHER.encode())
    digest = incoming.keep()
    wish = TakeIn("khac", digest, 30, "text/plain", "text", OTHER)
    file.do(wish, AN)
    first = len(file.entries())
    file.write(lambda c: file.desk.alert_fired(DeskStore(c), cause(3, dedup_key="y"), T0))
    other = TakeIn("khac", digest, 30, "text/plain", "text", "tệp", "An", "tủ 1")
    file.do(other, AN, incident=2)
    seq = len(file.entries(2))
    file.do(AskSeal(first, "nhầm"), AN)
    file.do(Seal(first), BINH)
    await file.files.seal()
    assert file.files.evidence.path_of(digest).exists()
    file.do(AskSeal(seq, "nhầm"), AN, incident=2)
    file.do(Seal(seq), BINH, incident=2)
    await file.files.seal()

    assert not file.files.evidence.path_of(digest).exists()
    assert file.audit().findings == []
    assert OTHER not in file.all_text()


async def test_content_goes_after_its_years_and_the_chain_still_verifies(
    file: File, tmp_path: Path
) -> None:
    """Words and files go; hash, date, basis and approver stay, in the file and in the record."""
    incoming = file.files.evidence.receive("one", 1000)
    incoming.write(b"log\n")
    digest = incoming.keep()
    file.do(TakeIn("khac", digest, 4, "text/plain", "text", "a.log"), AN)
    file.do(Move("khong_phai_su_co", "Thử nghiệm"), AN)
    with pytest.raises(Refused, match="kept until 23/11/2031"):
        file.do(RemoveContent("quyết định 12"), BINH)
    later = LATER.replace(year=2031) + timedelta(days=1)
    command = RemoveContent("quyết định 12-QĐ/VPTU")
    file.write(lambda c: file.desk.command(DeskStore(c), 1, command, BINH, later))
    await file.files.seal()

    entries = file.entries()
    assert all(entry.text is None for entry in entries[:-1])
    last = json.loads(entries[-1].canonical)
    assert (entries[-1].kind, entries[-1].actor) == ("content_removed", BINH)
    assert last["data"]["entries"] == list(range(1, len(entries)))
    assert (last["data"]["file_years"], last["data"]["evidence"]) == (5, [digest])
    assert "12-QĐ/VPTU" in entries[-1].text
    assert not file.files.evidence.path_of(digest).exists()
    found = file.audit()
    assert (found.findings, found.holes) == ([], len(entries) - 1)
    (noted,) = file.db.read_now(lambda c: list(stored_record(c)))
    assert (noted.kind, noted.actor) == ("retention", BINH)
    assert SECRET not in file.all_text()
    with pytest.raises(Refused, match="removed already"):
        file.write(lambda c: file.desk.command(DeskStore(c), 1, command, BINH, later))


def test_an_open_incident_keeps_its_content(file: File) -> None:
    """However old it is: its time begins with its end."""
    later = LATER.replace(year=2040)
    with pytest.raises(Refused, match="has not ended"):
        file.write(lambda c: file.desk.command(DeskStore(c), 1, RemoveContent("x"), BINH, later))


def test_years_after_a_leap_day() -> None:
    """29 February is kept until 1 March: never a day too short."""
    leap = T0.replace(year=2028, month=2, day=29)
    assert years_after(leap, 5).strftime("%d/%m/%Y") == "01/03/2033"
