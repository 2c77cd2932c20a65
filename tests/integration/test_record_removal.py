"""Words in the configuration record that must go: two persons, every copy, the chain as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from collector.policy.changes import Sources
from collector.storage import schema
from collector.storage.audit import audit
from collector.storage.mutes import NewMute, add_mute
from collector.storage.policy_record import files_in_force, note_policy
from collector.storage.record import stored_record
from collector.storage.record_removal import ask, seal
from collector.storage.sealer import ORIGIN
from collector.storage.sealer import seal as seal_tree
from collector.storage.witness import Witness, witnessed
from incidents.conditions import Refused
from tests.builders import AN, BINH, T0

KEY = SigningKey(bytes(range(32)))
SECRET = "Kế hoạch A2 của Bộ Tư lệnh"


def all_text(db: Any) -> str:
    def read(connection: Any) -> str:
        tables = schema.metadata.sorted_tables
        return "\n".join(str(connection.execute(select(table)).all()) for table in tables)

    return str(db.read_now(read))


def found(db: Any) -> tuple[list[str], int]:
    db.write_now(lambda c: seal_tree(c, T0, key=KEY, origin=ORIGIN))
    key = bytes(KEY.verify_key)
    result = db.read_now(lambda c: audit(c, origin=ORIGIN, public_key=key))
    return [str(one) for one in result.findings], result.holes


def test_a_reason_of_a_silence_is_sealed_in_the_record_and_in_its_row(db: Any) -> None:
    """The silence stays, without what was typed."""
    new = NewMute("silence", "", "000.01", "", SECRET, "", T0, T0 + timedelta(hours=1))
    db.write_now(lambda c: add_mute(c, new, AN, T0))
    assert SECRET in all_text(db)
    db.write_now(lambda c: ask(c, 1, "nhầm", AN, T0))
    db.write_now(lambda c: seal(c, 1, BINH, T0))

    assert SECRET not in all_text(db)
    kinds = [entry.kind for entry in db.read_now(lambda c: list(stored_record(c)))]
    assert kinds == ["mute", "seal_asked", "sealed"]
    assert found(db) == ([], 1)


def test_a_policy_file_is_sealed_with_what_was_kept_of_it(db: Any) -> None:
    """The diff and the kept text go; the digests of the files stay."""
    sources = Sources({"rules/own.yaml": f"# {SECRET}\n".encode()})
    db.write_now(lambda c: note_policy(c, T0, AN, sources))
    db.write_now(lambda c: ask(c, 1, "nhầm", AN, T0))
    db.write_now(lambda c: seal(c, 1, BINH, T0))

    assert SECRET not in all_text(db)
    assert db.read_now(lambda c: files_in_force(c, sources.revision)) == {"rules/own.yaml": ""}
    assert found(db) == ([], 1)


def test_one_person_alone_removes_nothing(db: Any) -> None:
    """A reason, an entry with words, a request, and a second person: each is asked for."""
    new = NewMute("silence", "", "000.01", "", SECRET, "", T0, T0 + timedelta(hours=1))
    db.write_now(lambda c: add_mute(c, new, AN, T0))
    for seq, reason, why in ((1, " ", "reason"), (9, "x", "no entry 9")):
        with pytest.raises(Refused, match=why):
            db.write_now(lambda c, s=seq, r=reason: ask(c, s, r, AN, T0))
    with pytest.raises(Refused, match="Nobody asked"):
        db.write_now(lambda c: seal(c, 1, BINH, T0))
    db.write_now(lambda c: ask(c, 1, "nhầm", AN, T0))
    with pytest.raises(Refused, match="asked for it already"):
        db.write_now(lambda c: ask(c, 1, "nhầm", BINH, T0))
    with pytest.raises(Refused, match="second person"):
        db.write_now(lambda c: seal(c, 1, AN, T0))
    db.write_now(lambda c: seal(c, 1, BINH, T0))
    with pytest.raises(Refused, match="sealed already"):
        db.write_now(lambda c: ask(c, 1, "x", AN, T0))


def test_who_deputises_for_the_asker_is_no_second_person(db: Any) -> None:
    """Approving in somebody's name is not a second pair of eyes on what they asked."""
    new = NewMute("silence", "", "000.01", "", SECRET, "", T0, T0 + timedelta(hours=1))
    db.write_now(lambda c: add_mute(c, new, AN, T0))
    db.write_now(lambda c: ask(c, 1, "nhầm", AN, T0))
    witness = Witness(lambda: "ab" * 16, lambda: None, lambda actor, _: (AN,) * (actor == BINH))
    engine = witnessed(db.engine, witness).execution_options(wanwatch_writes=True)
    with engine.begin() as connection, pytest.raises(Refused, match="second person"):
        seal(connection, 1, BINH, T0)
    assert SECRET in all_text(db)
