"""Writes into the configuration record what changed of the policy directory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from collector.policy.changes import digest_of, unified, without_secrets
from collector.storage import record
from collector.storage.directory import store_inventory
from collector.storage.record_tables import record_entries
from incidents.config_record import RecordKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.policy.changes import Sources
    from collector.policy.policy import Policy
    from incidents.timeline import Entry

STARTED, RELOADED = "machine:start", "machine:reload"


def note_policy(
    connection: Connection, at: datetime, actor: str, sources: Sources, *, reason: str = ""
) -> Entry | None:
    """Write what changed since the last time; None when nothing did.

    The entry names every file with two digests: of its bytes, and of its text without secrets,
    which is kept under that digest.
    """
    before = _last(connection)
    if before.get("revision") == sources.revision:
        return None
    known: dict[str, list[str]] = before.get("files", {})
    texts = {name: without_secrets(name, content) for name, content in sources.files.items()}
    files = {
        name: [digest_of(content), record.keep_content(connection, texts[name])]
        for name, content in sources.files.items()
    }
    changed = sorted(
        name for name in {*known, *files} if known.get(name, [""])[0] != files.get(name, [""])[0]
    )
    old = {
        name: record.content_of(connection, known[name][1]) or ""
        for name in changed
        if name in known
    }
    new = {name: texts[name] for name in changed if name in texts}
    data = {
        "revision": sources.revision,
        "revision_before": before.get("revision"),
        "files": files,
        "changed": changed,
        "shipped": sources.shipped,
        "shipped_before": before.get("shipped"),
    }
    words = {"reason": reason, "diff": unified(old, new)}
    return record.append(
        connection,
        at,
        RecordKind.POLICY,
        actor,
        data=data,
        texts={name: text for name, text in words.items() if text},
    )


def take_over(
    connection: Connection, policy: Policy, now: datetime, actor: str, reason: str
) -> Entry | None:
    """Make the tables those of a policy, and record what changed, who asked and why."""
    store_inventory(connection, policy, now)
    return note_policy(connection, now, actor, policy.sources, reason=reason)


def revision_in_force(connection: Connection) -> str:
    """Return the revision that the record knows last; empty before there is one."""
    return str(_last(connection).get("revision", ""))


def files_in_force(connection: Connection, revision: str) -> dict[str, str] | None:
    """Return the policy files of a revision without their secrets; None: it is not known."""
    query = select(record_entries.c.canonical).where(record_entries.c.kind == RecordKind.POLICY)
    for canonical in connection.scalars(query.order_by(record_entries.c.seq.desc())):
        data = json.loads(canonical)["data"]
        if data["revision"] == revision:
            kept = {name: digests[1] for name, digests in data["files"].items()}
            return {
                name: record.content_of(connection, digest) or "" for name, digest in kept.items()
            }
    return None


def _last(connection: Connection) -> dict[str, Any]:
    query = (
        select(record_entries.c.canonical)
        .where(record_entries.c.kind == RecordKind.POLICY)
        .order_by(record_entries.c.seq.desc())
        .limit(1)
    )
    canonical = connection.scalar(query)
    found: dict[str, Any] = {} if canonical is None else json.loads(canonical)["data"]
    return found
