"""Words taken out of the configuration record by two persons, copies included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select, update

from collector.storage import record, removal
from collector.storage.fleet import set_fact
from collector.storage.schema import (
    identity_log,
    mutes,
    outbox,
    record_contents,
    record_entries,
    record_texts,
)
from collector.storage.witness import witness_of
from incidents.conditions import Refused, name_of, need_reason
from incidents.config_record import RecordKind

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection, Row

    from incidents.timeline import Entry


class Asked(NamedTuple):
    """Who asked for the words of an entry to go, and in which entry."""

    by: str
    seq: int


def ask(connection: Connection, seq: int, reason: str, actor: str, at: datetime) -> Entry:
    """Note that somebody asks; nothing is removed yet.

    Raises:
        Refused: There is no such entry, it has no words, or somebody asked already.
    """
    need_reason(reason)
    _with_words(connection, seq)
    before = asked(connection).get(seq)
    if before is not None:
        raise Refused(
            f"{name_of(before.by)} đã đề nghị niêm phong mục {seq}; cần người khác phê duyệt.",
            f"{name_of(before.by)} asked for it already; another person must approve.",
            ["other_person"],
        )
    texts = {"reason": reason.strip()}
    return record.append(
        connection, at, RecordKind.SEAL_ASKED, actor, data={"entry": seq}, texts=texts
    )


def seal(connection: Connection, seq: int, actor: str, at: datetime) -> Entry:
    """Remove the words of an entry, as another person asked.

    Raises:
        Refused: Nobody asked, or it was the same person, or whom the actor deputises for.
    """
    row = _with_words(connection, seq)
    before = asked(connection).get(seq)
    if before is None:
        raise Refused(
            f"Chưa ai đề nghị niêm phong mục {seq}.",
            f"Nobody asked that entry {seq} be sealed; ask first.",
            ["seal_asked"],
        )
    if before.by in {actor, *witness_of(connection).deputy_for(actor, at)}:
        raise Refused(
            f"{name_of(before.by)} đã đề nghị; việc này cần người thứ hai phê duyệt.",
            f"{name_of(before.by)} asked for it; a second person must approve.",
            ["other_person"],
        )
    _remove(connection, row)
    set_fact(connection, removal.SCRUB, str(at))
    data = {"entries": [seq], "asked_by": before.by, "asked_in": before.seq}
    return record.append(connection, at, RecordKind.SEALED, actor, data=data)


def asked(connection: Connection) -> dict[int, Asked]:
    """Return the entries whose words somebody wants removed and nobody has."""
    kinds = (RecordKind.SEAL_ASKED, RecordKind.SEALED)
    query = select(record_entries.c.seq, record_entries.c.actor, record_entries.c.canonical)
    query = query.where(record_entries.c.kind.in_(kinds)).order_by(record_entries.c.seq)
    found: dict[int, Asked] = {}
    for row in connection.execute(query):
        data = json.loads(row.canonical)["data"]
        if "entry" in data and "incident" not in data:
            found[data["entry"]] = Asked(row.actor, row.seq)
        for seq in data.get("entries", ()):
            found.pop(seq, None)
    return found


def _with_words(connection: Connection, seq: int) -> Row[Any]:
    query = (
        select(record_entries, record_texts.c.text)
        .join(record_texts, record_texts.c.seq == record_entries.c.seq, isouter=True)
        .where(record_entries.c.seq == seq)
    )
    row = connection.execute(query).first()
    if row is None:
        raise Refused(f"Không có mục {seq}.", f"There is no entry {seq}.", ["entry"])
    if row.text is None:
        raise Refused(f"Mục {seq} đã niêm phong.", f"Entry {seq} is sealed already.", ["entry"])
    found: Row[Any] = row
    return found


def _remove(connection: Connection, row: Row[Any]) -> None:
    """Remove an entry's words where they stand: the record, and the rows that it tells of."""
    data = json.loads(row.canonical)["data"]
    words = [str(word) for word in json.loads(row.text).values() if str(word).strip()]
    connection.execute(delete(record_texts).where(record_texts.c.seq == row.seq))
    if row.kind == RecordKind.POLICY:
        gone = [data["files"][name][1] for name in data["changed"] if name in data["files"]]
        connection.execute(delete(record_contents).where(record_contents.c.digest.in_(gone)))
    if row.kind == RecordKind.MUTE:
        sealed = {"reason": removal.SEALED_VI, "owner": ""}
        connection.execute(update(mutes).where(mutes.c.id == data["mute"]).values(sealed))
    if row.kind == RecordKind.IDENTITY:
        same = (identity_log.c.at == row.at) & identity_log.c.detail.in_(words)
        connection.execute(update(identity_log).where(same).values(detail=removal.SEALED_VI))
    removal.empty_messages(connection, outbox.c.incident.is_(None), words)
    removal.empty_answers(connection, row.actor, row.at)
