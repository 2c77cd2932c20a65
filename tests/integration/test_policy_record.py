"""A changed policy directory in the configuration record: what, who, why, and what it was."""

from __future__ import annotations

import json
from typing import Any

from collector.policy.changes import Sources
from collector.storage.policy_record import RELOADED, STARTED, files_in_force, note_policy
from collector.storage.record import stored_record
from tests.builders import AN, T0

FIRST = Sources({"rules/own.yaml": b"warning: 0.8\n", "channels.yaml": b"password: a\n"}, "s1")
SECOND = Sources({"rules/own.yaml": b"warning: 0.9\n", "channels.yaml": b"password: b\n"}, "s1")


def note(db: Any, actor: str, sources: Sources, reason: str = "") -> Any:
    return db.write_now(lambda c: note_policy(c, T0, actor, sources, reason=reason))


def test_a_change_is_recorded_with_both_sides_who_and_why(db: Any) -> None:
    """Digests before and after, the lines that changed, the person and the reason."""
    note(db, STARTED, FIRST)
    note(db, AN, SECOND, "ngưỡng cũ quá nhạy")
    first, second = db.read_now(lambda c: list(stored_record(c)))
    data, words = json.loads(second.canonical)["data"], json.loads(second.text)

    assert (first.kind, first.actor, second.actor) == ("policy", STARTED, AN)
    assert data["revision_before"] == FIRST.revision
    assert data["revision"] == SECOND.revision
    assert data["changed"] == ["channels.yaml", "rules/own.yaml"]
    assert words["reason"] == "ngưỡng cũ quá nhạy"
    assert "-warning: 0.8\n+warning: 0.9" in words["diff"]
    assert "channels.yaml: only what is secret in it" in words["diff"]


def test_nothing_is_recorded_when_nothing_changed(db: Any) -> None:
    """A start or a reload of the same files is no entry."""
    assert note(db, STARTED, FIRST) is not None
    assert note(db, RELOADED, FIRST) is None


def test_the_files_of_a_revision_are_found_again_without_their_secrets(db: Any) -> None:
    """What judged an alert of last year can be shown this year."""
    note(db, STARTED, FIRST)
    note(db, RELOADED, SECOND)

    assert db.read_now(lambda c: files_in_force(c, FIRST.revision)) == {
        "rules/own.yaml": "warning: 0.8\n",
        "channels.yaml": "password: ***\n",
    }
    assert db.read_now(lambda c: files_in_force(c, "unknown")) is None


def test_no_secret_of_a_policy_reaches_the_tables(db: Any) -> None:
    """Neither the entries nor the kept contents hold it."""
    note(db, STARTED, Sources({"channels.yaml": b"password: hunter2\n"}))
    entries = db.read_now(lambda c: list(stored_record(c)))
    files = db.read_now(
        lambda c: files_in_force(c, entries[0].canonical.split('"revision":"')[1][:12])
    )

    assert "hunter2" not in str(entries)
    assert "hunter2" not in str(files)
