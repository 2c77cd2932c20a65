"""The configuration record: one chain in the same tree, and each way of tampering with it found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from collector.storage import record, schema
from collector.storage.record import record_reading, stored_record
from collector.storage.witness import Witness, witnessed
from incidents.config_record import CODE, RecordKind
from incidents.timeline import entry_hash, verify_chain
from tests.builders import AN, BINH, T0
from tests.integration.test_sealing import Archive

R, L, F = schema.record_entries, schema.leaves, schema.facts
LATER = T0 + timedelta(minutes=3)


class RecordArchive(Archive):
    """The same archive with four entries of the record, sealed."""

    def __init__(self, db: Any) -> None:
        super().__init__(db)
        for number in range(1, 4):
            data = {"mute": number, "change": "added", "unit": "000.01"}
            words = {"reason": f"bảo trì {number}"}
            self.write(
                lambda c, d=data, w=words: record.append(
                    c, T0, RecordKind.MUTE, AN, data=d, texts=w
                )
            )
        self.write(lambda c: record_reading(c, "SC26-0001", BINH, T0))
        self.seal()

    def chain(self) -> list[Any]:
        return self.db.read_now(lambda c: list(stored_record(c)))


@pytest.fixture
def archive(db: Any) -> RecordArchive:
    return RecordArchive(db)


def found(archive: Archive) -> list[str]:
    return [str(one) for one in archive.audit().findings]


def test_the_record_is_one_gapless_chain_in_the_same_tree(archive: RecordArchive) -> None:
    """Numbers from 1, each after the one before, each with its leaf; the audit counts them."""
    chain = archive.chain()

    assert [entry.seq for entry in chain] == [1, 2, 3, 4]
    assert verify_chain(chain, code=CODE) is None
    in_tree = select(L.c.seq, L.c.hash).where(L.c.incident == 0).order_by(L.c.place)
    leaves = archive.db.read_now(lambda c: c.execute(in_tree).all())
    assert [tuple(leaf) for leaf in leaves] == [(entry.seq, entry.hash) for entry in chain]
    result = archive.audit()
    assert (result.findings, result.record_entries, result.leaves) == ([], 4, 11)


def test_a_reading_is_recorded_once_in_ten_minutes_for_each_person(archive: RecordArchive) -> None:
    """A page that refreshes itself is one reading; another person or a later hour is another."""
    read = archive.write
    assert not read(lambda c: record_reading(c, "SC26-0001", BINH, LATER))
    assert read(lambda c: record_reading(c, "SC26-0001", AN, LATER))
    assert read(lambda c: record_reading(c, "SC26-0002", BINH, LATER))
    assert read(lambda c: record_reading(c, "SC26-0001", BINH, T0 + timedelta(minutes=11)))


def test_entries_of_the_record_keep_the_clock_and_an_unguessable_salt(db: Any) -> None:
    """What the engine's witness says of the clock is in the bytes; salts are its own."""
    clock = {"synchronised": True, "offset": -12, "error": 900}
    engine = witnessed(db.engine, Witness(lambda: "ab" * 16, lambda: clock))
    with engine.execution_options(wanwatch_writes=True).begin() as connection:
        entry = record.append(connection, T0, RecordKind.MUTE, AN, data={})
    assert (entry.salt, entry.clock) == ("ab" * 16, clock)
    assert '"clock":{"error":900,"offset":-12,"synchronised":true}' in entry.canonical()
    alone = db.write_now(lambda c: record.append(c, T0, RecordKind.MUTE, AN, data={}))
    assert alone.clock is None
    assert len(bytes.fromhex(alone.salt)) == 16


def test_entries_of_the_record_say_for_whom_their_actor_deputises(db: Any) -> None:
    """Only just then; a reading is a reading, in whosever name."""

    def deputy_for(actor: str, at: Any) -> tuple[str, ...]:
        return (BINH,) if actor == AN and at < LATER else ()

    witness = Witness(lambda: "ab" * 16, lambda: None, deputy_for)
    engine = witnessed(db.engine, witness)
    with engine.execution_options(wanwatch_writes=True).begin() as connection:
        made = [
            record.append(connection, at, RecordKind.MUTE, actor, data={"mute": 1})
            for actor, at in ((AN, T0), (AN, LATER), (BINH, T0))
        ]
        assert record_reading(connection, "SC26-0001", AN, T0)
        assert not record_reading(connection, "SC26-0001", AN, T0)
    assert [entry.data.get("deputy_for") for entry in made] == [[BINH], None, None]


@pytest.mark.parametrize(
    ("statements", "finding"),
    [
        ([update(R).where(R.c.seq == 2).values(actor=BINH)], "record entry 2: its columns"),
        (
            [
                update(R)
                .where(R.c.seq == 2)
                .values(canonical=func.replace(R.c.canonical, "an", "o"))
            ],
            "record entry 2: its bytes do not have the stored hash",
        ),
        (
            [update(schema.record_texts).where(schema.record_texts.c.seq == 2).values(text="{}")],
            "record entry 2: its words",
        ),
        (
            [delete(schema.record_texts).where(schema.record_texts.c.seq == 2)],
            "record entry 2: its words were removed and no entry says by whom",
        ),
        ([delete(R).where(R.c.seq == 2)], "record entry 2: entry 2 is missing; 3 follows"),
        ([delete(R).where(R.c.seq > 2)], "record entry 3: cut off: 4 entries were written"),
        (
            [
                update(R).where(R.c.seq == 2).values(seq=99),
                update(R).where(R.c.seq == 3).values(seq=2),
                update(R).where(R.c.seq == 99).values(seq=3),
            ],
            "record entry 2: it does not follow",
        ),
        (
            [update(F).where(F.c.name == record.HEAD).values(value="4 " + "f" * 64)],
            "record entry 4: the record's head names another last entry",
        ),
        (
            [update(F).where(F.c.name == record.HEAD).values(value="gone")],
            "record entry 4: its head was changed",
        ),
    ],
)
def test_audit_finds_every_way_of_tampering_with_the_record(
    archive: RecordArchive, statements: list[Any], finding: str
) -> None:
    """Edited, its words too, removed, cut off, reordered."""
    archive.tamper(*statements)

    assert any(finding in one for one in found(archive)), found(archive)


def test_audit_finds_a_cut_of_the_record_that_moved_its_head_back(archive: RecordArchive) -> None:
    """The tree still has the leaves of what was there."""
    third = archive.chain()[2]
    head = f"3 {third.hash}"
    archive.tamper(
        delete(R).where(R.c.seq == 4),
        delete(schema.record_texts).where(schema.record_texts.c.seq == 4),
        update(F).where(F.c.name == record.HEAD).values(value=head),
    )

    assert found(archive) == ["record entry 4: it was removed after it was sealed at place 10"]


def test_audit_finds_a_record_that_was_rewritten_consistently(archive: RecordArchive) -> None:
    """Every hash after the edit was made anew, the head as well; the tree knows the old ones."""
    statements, previous = [], archive.chain()[1].hash
    old = previous
    for stored in archive.chain()[2:]:
        canonical = stored.canonical.replace('"mute":3', '"mute":7').replace(old, previous)
        old, previous = stored.hash, entry_hash(canonical)
        row = {"canonical": canonical, "hash": previous}
        statements.append(update(R).where(R.c.seq == stored.seq).values(row))
    moved = update(F).where(F.c.name == record.HEAD).values(value=f"4 {previous}")
    archive.tamper(*statements, moved)

    assert found(archive) == [
        "record entry 3: it was rewritten after it was sealed at place 9",
        "record entry 4: it was rewritten after it was sealed at place 10",
    ]


def test_audit_finds_an_entry_put_into_the_record(archive: RecordArchive) -> None:
    """Well-formed and chained, but never given to the sealer."""
    archive.write(lambda c: record.append(c, LATER, RecordKind.MUTE, AN, data={}))
    archive.write(lambda c: c.execute(delete(schema.unsealed)))

    assert found(archive) == [
        "record entry 5: it has no place in the tree: it was put in from outside"
    ]


@pytest.mark.parametrize("change", ["UPDATE record_entries SET actor = 'x'", "DELETE FROM {0}"])
@pytest.mark.parametrize("table", ["record_entries", "entries", "leaves", "checkpoints"])
def test_the_database_refuses_to_change_or_remove(
    archive: RecordArchive, table: str, change: str
) -> None:
    """Whoever has the connection alone cannot: only by taking the triggers away."""
    with pytest.raises(DatabaseError, match="append-only"):
        archive.write(lambda c: c.execute(text(change.format(table))))


def test_a_second_writer_waits_for_the_head(db: Any) -> None:
    """Two transactions one after the other number without a gap, also after one was undone."""

    def fails(connection: Any) -> None:
        record.append(connection, T0, RecordKind.MUTE, AN, data={"mute": 1})
        raise LookupError

    with pytest.raises(LookupError):
        db.write_now(fails)
    entry = db.write_now(lambda c: record.append(c, T0, RecordKind.MUTE, AN, data={"mute": 2}))
    assert entry.seq == 1


@pytest.mark.parametrize("table", ["entry_texts", "record_texts", "record_contents"])
def test_the_database_refuses_to_change_words(archive: RecordArchive, table: str) -> None:
    """They may go, by two persons; they never become others."""
    archive.write(lambda c: record.keep_content(c, "units"))
    column = "content" if table == "record_contents" else "text"
    with pytest.raises(DatabaseError, match="never changed"):
        archive.write(lambda c: c.execute(text(f"UPDATE {table} SET {column} = 'x'")))


def test_writers_of_several_processes_number_without_a_gap(db: Any) -> None:
    """Each waits for the one before: 40 entries of four connections are one chain."""

    def write(number: int) -> None:
        for _ in range(10):
            db.write_now(lambda c: record.append(c, T0, RecordKind.MUTE, AN, data={"mute": number}))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    chain = db.read_now(lambda c: list(stored_record(c)))
    assert [entry.seq for entry in chain] == list(range(1, 41))
    assert verify_chain(chain, code=CODE) is None


def test_a_content_is_kept_once(db: Any) -> None:
    """By its digest; the same text twice is one row."""
    first = db.write_now(lambda c: record.keep_content(c, "unit: 1\n"))
    assert db.write_now(lambda c: record.keep_content(c, "unit: 1\n")) == first
    assert db.read_now(lambda c: record.content_of(c, first)) == "unit: 1\n"
    assert db.read_now(lambda c: record.content_of(c, "0" * 64)) is None
    rows = db.read_now(lambda c: c.scalar(select(func.count()).select_from(schema.record_contents)))
    assert rows == 1
