"""Words taken out of the tables for ever: wherever a copy of them stands, and evidence with them.

The chain does not notice: it holds a salted digest of the words, and the salt goes as well.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from collector.storage import record, report_removal
from collector.storage.fleet import set_fact
from collector.storage.schema import (
    alerts,
    entries,
    entry_texts,
    evidence,
    facts,
    idempotency,
    outbox,
)
from collector.storage.session_tables import session_log
from incidents.config_record import RecordKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from incidents.timeline import Entry

SEALED_VI, SEALED_EN = "(đã niêm phong)", "(sealed)"
# Something was removed: what the disk still has of it must be overwritten, and files must go.
SCRUB = "scrub"
# Entries whose words every message of an incident repeats.
_TITLES = frozenset({"opened", "alert_joined", "fired_again"})
# An answer that was kept against doing something twice is as old as the entry it made.
_SAME_MOMENT = timedelta(minutes=2)
_SHORTEST = 6  # characters: what is shorter stands in any message by chance

# Photos in the logs of sessions lie in the same place.
_OF_SESSIONS = select(session_log.c.code).where(session_log.c.kind.in_(["photo", "measured"]))


def remove_words(
    connection: Connection,
    incident: int,
    seqs: Sequence[int],
    digests: Sequence[str],
    at: datetime,
) -> None:
    """Remove the words of entries of an incident, and let go of evidence."""
    for seq in seqs:
        _remove_one(connection, incident, seq)
    left = select(entry_texts.c.seq).where(entry_texts.c.incident == incident).limit(1)
    if seqs and connection.scalar(left) is None:
        report_removal.empty_all(connection, incident)
    if digests:
        mine = (evidence.c.incident == incident) & evidence.c.sha256.in_(digests)
        connection.execute(update(evidence).where(mine).values(removed=True))
    set_fact(connection, SCRUB, str(at))


def copies(connection: Connection, incident: int, seq: int) -> list[tuple[int, int]]:
    """Return the other entries, of any incident, in which the same words stand."""
    words = _words(connection, incident, seq)
    found: set[tuple[int, int]] = set()
    for word in words:
        # As it stands inside of JSON, escaped as the canonical form escapes it.
        inside = json.dumps(word, ensure_ascii=False)[1:-1]
        query = select(entry_texts.c.incident, entry_texts.c.seq).where(
            func.instr(entry_texts.c.text, inside) > 0
            if connection.dialect.name == "sqlite"
            else func.strpos(entry_texts.c.text, inside) > 0
        )
        found.update((row.incident, row.seq) for row in connection.execute(query))
    return sorted(found - {(incident, seq)})


def gone_files(connection: Connection) -> list[str]:
    """Return the digests whose files must go: nobody holds the same bytes any more."""
    removed = select(evidence.c.sha256).where(evidence.c.removed)
    held = select(evidence.c.sha256).where(evidence.c.removed.is_(False))
    query = removed.where(
        evidence.c.sha256.not_in(held), evidence.c.sha256.not_in(_OF_SESSIONS)
    ).distinct()
    return list(connection.scalars(query))


def is_held(connection: Connection, sha256: str) -> bool:
    """Say whether an entry holds the bytes of a digest."""
    kept = _OF_SESSIONS.where(session_log.c.code == sha256).limit(1)
    if connection.scalar(kept) is not None:
        return True
    held = (evidence.c.sha256 == sha256) & evidence.c.removed.is_(False)
    return connection.scalar(select(evidence.c.seq).where(held).limit(1)) is not None


def must_scrub(connection: Connection) -> str | None:
    """Return since when something waits to be overwritten; None when nothing does."""
    return connection.scalar(select(facts.c.value).where(facts.c.name == SCRUB))


def scrubbed(connection: Connection, since: str) -> None:
    """Note that what was removed until then is overwritten."""
    same = (facts.c.name == SCRUB) & (facts.c.value == since)
    connection.execute(delete(facts).where(same))


def note(connection: Connection, entry: Entry) -> None:
    """Write into the configuration record what an entry removes from its incident, and who did."""
    kind = RecordKind.SEALED if entry.kind == RecordKind.SEALED else RecordKind.RETENTION
    named = ("evidence", "asked_by", "basis", "file_years", "ruleset")
    data = {name: entry.data[name] for name in named if name in entry.data}
    # Not `entries`: those are of the incident, and in the record that would name its own.
    data |= {"incident": entry.code, "entry": entry.seq, "removed": entry.data["entries"]}
    record.append(connection, entry.at, kind, entry.actor, data=data)


def hold(connection: Connection, incident: int, seq: int, sha256: str) -> None:
    """Note that an entry took in the bytes of a digest."""
    row = {"incident": incident, "seq": seq, "sha256": sha256, "removed": False}
    connection.execute(insert(evidence).values(row))


def _remove_one(connection: Connection, incident: int, seq: int) -> None:
    place = (entries.c.incident == incident) & (entries.c.seq == seq)
    entry = connection.execute(select(entries).where(place)).first()
    words = list(_words(connection, incident, seq))
    here = (entry_texts.c.incident == incident) & (entry_texts.c.seq == seq)
    connection.execute(delete(entry_texts).where(here))
    if entry is None:
        return
    mine = outbox.c.incident == incident
    empty_messages(connection, mine, words, everything=entry.kind in _TITLES)
    report_removal.empty(connection, [piece for word in words for piece in _pieces(word)])
    empty_answers(connection, entry.actor, entry.at)
    alert = json.loads(entry.canonical)["data"].get("alert")
    if entry.kind in _TITLES and alert is not None:
        sealed = {"summary_vi": SEALED_VI, "summary_en": SEALED_EN, "value": ""}
        connection.execute(update(alerts).where(alerts.c.id == alert).values(sealed))


def _words(connection: Connection, incident: int, seq: int) -> Iterator[str]:
    here = (entry_texts.c.incident == incident) & (entry_texts.c.seq == seq)
    text = connection.scalar(select(entry_texts.c.text).where(here))
    for value in json.loads(text or "{}").values():
        if len(word := str(value).strip()) >= _SHORTEST:
            yield word


def empty_messages(
    connection: Connection,
    chosen: ColumnElement[bool],
    words: Iterable[str],
    *,
    everything: bool = False,
) -> None:
    """Take the words out of messages, sent or not; one that waits still goes, without them."""
    query = select(outbox.c.id, outbox.c.subject, outbox.c.body, outbox.c.reason)
    pieces = [piece for word in words for piece in _pieces(word)]
    for row in connection.execute(query.where(chosen)).all():
        said = " ".join(f"{row.subject} {row.body}".split())
        if everything or any(piece in said for piece in pieces):
            emptied = {"subject": SEALED_VI, "body": f"{SEALED_VI}\n{SEALED_EN}\n"}
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(emptied))


def _pieces(word: str) -> Iterator[str]:
    """The lines of what was typed, as a message would have them: on one line, perhaps cut."""
    for line in word.splitlines():
        plain = " ".join(line.split())
        if len(plain) >= _SHORTEST:
            yield plain[:40]


def empty_answers(connection: Connection, actor: str, at: datetime) -> None:
    """Answers kept against doing a thing twice: the digest of what was asked is one of the words.

    The same request again is then refused instead of repeated.
    """
    name = actor.partition(":")[2]
    near = idempotency.c.at.between(at - _SAME_MOMENT, at + _SAME_MOMENT)
    by = idempotency.c.key.contains(f":{name}:", autoescape=True)
    emptied = {"request_hash": "sealed", "answer": "{}"}
    connection.execute(update(idempotency).where(near, by).values(emptied))
