"""Sealer, audit and retention: each way of tampering is found, and old rows go in batches."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import delete, func, insert, select, text, update

from collector.storage import schema
from collector.storage.audit import Audit, Known, audit
from collector.storage.desk_store import DeskStore, stored_timeline
from collector.storage.retention import cut_off, prune
from collector.storage.sealer import seal
from incidents import merkle
from incidents.checkpoint import Checkpoint, verify
from incidents.commands import Acknowledge, Move, Note
from incidents.timeline import entry_hash
from tests.builders import AN, T0, cause, desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.database import Database

KEY = SigningKey(bytes(range(32)))
ORIGIN = "desk.example.vn/wanwatch"


class Archive:
    """Two incidents with some entries, sealed in two steps."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.desk = desk()
        self.write(lambda c: self.desk.alert_fired(DeskStore(c), cause(), T0))
        self.seal()
        self.write(lambda c: self.desk.alert_fired(DeskStore(c), cause(2, dedup_key="b"), T0))
        for command in (Acknowledge(), Note("Đã gọi nhà mạng"), Move("xac_minh")):
            self.write(
                lambda c, x=command: self.desk.command(DeskStore(c), 1, x, AN, T0 + timedelta(1))
            )
        self.seal()

    def write(self, fn: Callable[[Connection], Any]) -> Any:
        return self.db.write_now(fn)

    def seal(self, at: datetime = T0) -> Checkpoint | None:
        found: Checkpoint | None = self.write(lambda c: seal(c, at, key=KEY, origin=ORIGIN))
        return found

    def audit(self, known: Checkpoint | None = None) -> Audit:
        key = bytes(KEY.verify_key)
        kept = [Known(known)] if known else []
        return self.db.read_now(lambda c: audit(c, origin=ORIGIN, public_key=key, known=kept))

    def tamper(self, *statements: Any) -> None:
        """Change the tables as somebody with the database's own password would."""

        def do(connection: Connection) -> None:
            sqlite = connection.dialect.name == "sqlite"
            for table in ("entry_texts", "record_texts"):
                of = "" if sqlite else f" ON {table}"
                connection.execute(
                    text(f"DROP TRIGGER {table}_refuse{'_update' if sqlite else ''}{of}")
                )
            for table in ("entries", "leaves", "checkpoints", "record_entries"):
                for change in ("_update", "_delete") if sqlite else ("",):
                    of = "" if sqlite else f" ON {table}"
                    connection.execute(text(f"DROP TRIGGER {table}_refuse{change}{of}"))
            for statement in statements:
                connection.execute(statement)

        self.write(do)


@pytest.fixture
def archive(db: Database) -> Archive:
    return Archive(db)


def test_sealer_places_every_entry_once_and_signs_the_tree(archive: Archive) -> None:
    """Leaves without gaps, nothing waits, each checkpoint's root is that of its leaves."""
    read = archive.db.read_now
    places = read(lambda c: c.execute(select(schema.leaves).order_by("place")).all())
    notes = read(lambda c: c.execute(select(schema.checkpoints).order_by("size")).all())
    hashes = [merkle.leaf_hash(bytes.fromhex(row.hash)) for row in places]

    assert [row.place for row in places] == list(range(7))
    assert [row.size for row in notes] == [2, 7]
    for row in notes:
        checkpoint = verify(row.note, ORIGIN, bytes(KEY.verify_key))
        assert checkpoint == Checkpoint(ORIGIN, row.size, merkle.root(hashes[: row.size]))
    proof = merkle.consistency_proof(2, hashes)
    roots = merkle.root(hashes[:2]), merkle.root(hashes)
    assert merkle.consistency_holds(2, roots[0], 7, roots[1], proof)
    assert archive.seal() is None


def test_sealer_works_in_batches(db: Database) -> None:
    """What does not fit waits for the next run."""
    at_desk = desk()
    for number in range(5):
        told = cause(number, dedup_key=str(number))
        db.write_now(lambda c, x=told: at_desk.alert_fired(DeskStore(c), x, T0))
    sizes = []
    while made := db.write_now(lambda c: seal(c, T0, key=KEY, origin=ORIGIN, limit=3)):
        sizes.append(made.size)

    assert sizes == [3, 6, 9, 10]


def test_audit_finds_nothing_in_an_untouched_file(archive: Archive) -> None:
    """And says how much it looked at; a kept checkpoint still holds."""
    archive.write(lambda c: archive.desk.command(DeskStore(c), 1, Note("mới"), AN, T0))
    kept = Checkpoint(ORIGIN, *_root_of(archive, 2))
    result = archive.audit(kept)

    assert result.findings == []
    counted = (result.incidents, result.entries, result.leaves, result.checkpoints)
    assert counted == (2, 8, 7, 2)
    assert (result.waiting, result.holes) == (1, 0)


def test_audit_finds_words_that_are_gone_and_nobody_says_why(archive: Archive) -> None:
    """The chain verifies over a hole; without an entry that explains it, it is named."""
    t = schema.entry_texts
    archive.write(lambda c: c.execute(delete(t).where(t.c.incident == 1, t.c.seq == 4)))

    assert [str(one) for one in archive.audit().findings] == [
        "SC26-0001 entry 4: its words were removed and no entry says by whom"
    ]


E, L, C = schema.entries, schema.leaves, schema.checkpoints
AT_4 = (E.c.incident == 1) & (E.c.seq == 4)


@pytest.mark.parametrize(
    ("statements", "finding"),
    [
        ([update(E).where(AT_4).values(actor="person:binh")], "SC26-0001 entry 4: its columns"),
        (
            [update(E).where(AT_4).values(canonical=func.replace(E.c.canonical, "an", "em"))],
            "SC26-0001 entry 4: its bytes do not have the stored hash",
        ),
        (
            [
                update(schema.entry_texts)
                .where(schema.entry_texts.c.incident == 1, schema.entry_texts.c.seq == 4)
                .values(text='{"note":"khác"}')
            ],
            "SC26-0001 entry 4: its words",
        ),
        ([delete(E).where(AT_4)], "SC26-0001 entry 4: entry 4 is missing; 5 follows"),
        ([delete(E).where((E.c.incident == 1) & (E.c.seq > 3))], "entry 4: cut off: 5"),
        (
            [
                delete(E).where((E.c.incident == 1) & (E.c.seq > 4)),
                update(schema.incidents).where(schema.incidents.c.id == 1).values(last_seq=4),
            ],
            "entry 5: it was removed after it was sealed",
        ),
        (
            [
                update(E).where((E.c.incident == 1) & (E.c.seq == 4)).values(seq=99),
                update(E).where((E.c.incident == 1) & (E.c.seq == 5)).values(seq=4),
                update(E).where((E.c.incident == 1) & (E.c.seq == 99)).values(seq=5),
            ],
            "SC26-0001 entry 4: it does not follow",
        ),
        (
            [
                delete(schema.entry_texts).where(schema.entry_texts.c.incident == 2),
                delete(E).where(E.c.incident == 2),
                delete(schema.deadlines).where(schema.deadlines.c.incident == 2),
                delete(schema.incidents).where(schema.incidents.c.id == 2),
            ],
            "incident number 2 entry 1: it was removed after it was sealed",
        ),
        ([delete(L).where(L.c.place == 3)], "place 3 of the tree is missing"),
        ([delete(C).where(C.c.size == 2), update(C).values(size=6)], "size 6 is another's"),
        ([update(C).values(note=func.replace(C.c.note, "7", "8"))], "the checkpoint of size 7"),
        ([delete(C)], "no checkpoint"),
        (
            [delete(L).where(L.c.place > 4)],
            "the checkpoint covers 7 entries; the tree has 5",
        ),
        ([update(L).where(L.c.place == 0).values(hash="00" * 32)], "signs another tree"),
    ],
)
def test_audit_finds_every_way_of_tampering(
    archive: Archive, statements: list[Any], finding: str
) -> None:
    """Edited, removed, cut off, reordered, in the file, the tree or the checkpoints."""
    archive.tamper(*statements)

    found = [str(one) for one in archive.audit().findings]
    assert any(finding in one for one in found), found


def test_audit_finds_a_chain_that_was_rewritten_consistently(archive: Archive) -> None:
    """Somebody recomputes every hash after an edit: the signed tree still knows the old ones."""
    chain = archive.db.read_now(lambda c: stored_timeline(c, 1))
    statements, previous = [], ""
    for stored in chain[3:]:
        canonical = stored.canonical.replace(AN, "person:binh")
        canonical = canonical.replace(chain[stored.seq - 2].hash, previous or chain[2].hash)
        previous = entry_hash(canonical)
        row = {"canonical": canonical, "hash": previous, "actor": stored.actor}
        row["actor"] = stored.actor.replace(AN, "person:binh")
        place = (E.c.incident == 1) & (E.c.seq == stored.seq)
        statements.append(update(E).where(place).values(row))
    row_of = update(schema.incidents).where(schema.incidents.c.id == 1)
    archive.tamper(*statements, row_of.values(last_hash=previous))

    assert [str(one) for one in archive.audit().findings] == [
        "SC26-0001 entry 4: it was rewritten after it was sealed at place 5",
        "SC26-0001 entry 5: it was rewritten after it was sealed at place 6",
    ]


def test_audit_finds_an_entry_that_was_put_in(archive: Archive) -> None:
    """A well-formed entry that the desk did not write has no place in the tree."""
    archive.write(lambda c: archive.desk.command(DeskStore(c), 1, Note("chen"), AN, T0))
    archive.write(lambda c: c.execute(delete(schema.unsealed)))

    assert [str(one) for one in archive.audit().findings] == [
        "SC26-0001 entry 6: it has no place in the tree: it was put in from outside"
    ]


def test_audit_finds_a_database_that_was_rolled_back(archive: Archive) -> None:
    """An older copy is whole in itself; a checkpoint kept elsewhere knows more."""
    newer = Checkpoint(ORIGIN, 9, b"\x01" * 32)
    forged = Checkpoint(ORIGIN, 7, b"\x01" * 32)

    assert "covers 9 entries; the tree has 7" in str(archive.audit(newer).findings[0])
    assert "signs another tree" in str(archive.audit(forged).findings[0])


def _root_of(archive: Archive, size: int) -> tuple[int, bytes]:
    query = select(schema.leaves.c.hash).order_by(schema.leaves.c.place).limit(size)
    hashes = archive.db.read_now(lambda c: list(c.scalars(query)))
    return size, merkle.root([merkle.leaf_hash(bytes.fromhex(h)) for h in hashes])


def test_retention_removes_old_alerts_and_deliveries_in_batches(archive: Archive) -> None:
    """13 months: alerts, messages and decisions go; open incidents keep theirs; files stay."""
    old, young = T0 - timedelta(days=400), T0 - timedelta(days=300)
    empty = {c.name: "" for c in schema.alerts.c if not c.nullable and c.name != "id"}
    rows = [
        empty | {"fingerprint": str(n), "resolved_at": at, "incident": incident, "flapping": False}
        for n, (at, incident) in enumerate(
            [(old, None), (old, None), (old, None), (old, 1), (young, None), (None, None)]
        )
    ]
    for row in rows:
        row |= {"started_at": old, "changed_at": old}
    archive.write(lambda c: c.execute(insert(schema.alerts), rows))
    archive.write(lambda c: c.execute(update(schema.outbox).values(created_at=old)))
    archive.write(
        lambda c: c.execute(
            update(schema.outbox).where(schema.outbox.c.id > 1).values(status="sent")
        )
    )

    first = archive.write(lambda c: prune(c, T0, limit=2))
    second = archive.write(lambda c: prune(c, T0, limit=2))
    third = archive.write(lambda c: prune(c, T0, limit=2))

    assert (first.alerts, first.messages, first.decisions) == (2, 2, 0)
    assert (second.alerts, second.messages) == (1, 1)
    assert not third
    assert archive.audit().findings == []
    left = select(schema.alerts.c.fingerprint).order_by(schema.alerts.c.id)
    assert archive.db.read_now(lambda c: list(c.scalars(left))) == ["3", "4", "5"]


def test_retention_counts_months_by_the_calendar() -> None:
    """Thirteen months before 31 March is 28 February of the year before, at the latest."""
    assert cut_off(T0.replace(month=3, day=31)).strftime("%Y-%m-%d") == "2025-02-28"
    assert cut_off(T0).strftime("%Y-%m-%d") == "2025-10-23"
