"""Files carried away and verified: exports by their own program, checkpoints, the whole audit."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import text

from collector.storage.desk_store import DeskStore
from collector.storage.queries.incidents import code_of
from collector.storage.record import record_reading
from collector.watching.looking import look
from incidents.checkpoint import split_notes, verify
from tests.builders import cause
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

CODE = "SC26-0003"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on SQLite and on PostgreSQL: the same promises hold on both."""
    return open_province(tmp_path, db=db)


def wanwatch(province: Province, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on the province's own tables."""
    url = province.db.engine.url.render_as_string(hide_password=False)
    environment = {
        **os.environ,
        "WANWATCH_DATA": str(folder),
        "WANWATCH_DATABASE_URL": url,
        "LANG": "vi_VN.UTF-8",
    }
    command = [sys.executable, "-m", "collector", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an export's own program with a bare Python."""
    command = ["python3", "-I", "verify.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


async def test_an_export_verifies_with_the_program_inside(
    cli: httpx.AsyncClient, tmp_path: Path
) -> None:
    """Who took it is the last entry, sealed like the others; the file is gone from here after."""
    answer = await cli.post(f"/api/v1/incidents/{CODE}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="{CODE}.zip"'
    given = tmp_path / "given.zip"
    given.write_bytes(answer.content)
    with zipfile.ZipFile(given) as opened:
        opened.extractall(tmp_path / "out")
    done = verified(tmp_path / "out")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("KHỚP: hồ sơ nguyên vẹn, đúng như đã ký.")
    last = (await cli.get(f"/api/v1/incidents/{CODE}")).json()["entries"][-1]
    assert (last["kind"], last["actor"]) == ("exported", "person:an")
    names = sorted((tmp_path / "out" / "entries").iterdir())
    assert json.loads(names[-1].read_text())["kind"] == "exported"
    assert list((tmp_path / "exports").iterdir()) == []


async def test_an_export_of_nothing_is_not_found(cli: httpx.AsyncClient) -> None:
    """And leaves nothing behind."""
    answer = await cli.post("/api/v1/incidents/SC26-9999/export")
    assert answer.status_code == 404


async def test_the_whole_audit_runs_as_a_job(province: Province, cli: httpx.AsyncClient) -> None:
    """Begun once however often it is asked for; its result is that of the command."""
    await province.services.files.seal()
    first, second = (
        (await cli.post("/api/v1/audit")).json(),
        (await cli.post("/api/v1/audit")).json(),
    )
    assert first["id"] == second["id"]
    job = province.services.files.jobs.find(first["id"])
    assert job is not None
    await asyncio.wait_for(province.services.files.jobs.wait(job), 60)
    said = (await cli.get(f"/api/v1/jobs/{first['id']}")).json()

    assert (said["state"], said["error"], said["result"]["findings"]) == ("done", "", [])
    assert said["result"]["entries"] > 0
    assert said["done"] == said["of"] > 0
    assert (await cli.get("/api/v1/jobs/nothing")).status_code == 404


async def test_audit_verify_says_what_was_changed(
    province: Province, tmp_path: Path, db: Database
) -> None:
    """0 and KHỚP while nothing was; 1 with the entry named once somebody edited one."""
    await province.services.files.seal()
    done = wanwatch(province, tmp_path, "audit", "verify")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "KHỚP"), done.stderr

    def edit(connection: Any) -> None:
        sqlite = connection.dialect.name == "sqlite"
        of = "_update" if sqlite else ""
        on = "" if sqlite else " ON entries"
        connection.execute(text(f"DROP TRIGGER entries_refuse{of}{on}"))
        connection.execute(text("UPDATE entries SET actor = 'person:khac' WHERE seq = 1"))

    db.write_now(edit)
    done = wanwatch(province, tmp_path, "audit", "verify")
    assert done.returncode == 1
    assert f"SAI: {CODE} entry 1: its columns differ from its bytes" in done.stdout
    assert done.stdout.splitlines()[-1] == "KHÔNG KHỚP"


async def test_a_kept_checkpoint_finds_a_database_that_was_rolled_back(
    province: Province, tmp_path: Path, cli: httpx.AsyncClient, db: Database
) -> None:
    """An older copy is whole in itself: only what was carried away knows more."""
    await province.services.files.seal()
    kept = tmp_path / "kept.txt"
    kept.write_text((await cli.get("/api/v1/checkpoint")).text, encoding="utf-8")
    whole = wanwatch(province, tmp_path, "audit", "verify", "--checkpoint", str(kept))
    assert whole.returncode == 0, whole.stdout + whole.stderr

    def roll_back(connection: Any) -> None:
        sqlite = connection.dialect.name == "sqlite"
        for table in ("entries", "leaves", "checkpoints", "record_entries"):
            for change in ("_update", "_delete") if sqlite else ("",):
                of = "" if sqlite else f" ON {table}"
                connection.execute(text(f"DROP TRIGGER {table}_refuse{change}{of}"))
        of_files = ("unsealed", "leaves", "checkpoints", "entry_texts", "entries")
        for table in (*of_files, "deadlines", "tasks", "incidents"):
            connection.execute(text(f"DELETE FROM {table}"))
        for table in ("record_texts", "record_entries"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM facts WHERE name = 'record_head'"))

    db.write_now(roll_back)
    assert wanwatch(province, tmp_path, "audit", "verify").returncode == 0
    done = wanwatch(province, tmp_path, "audit", "verify", "--checkpoint", str(kept))
    assert done.returncode == 1
    assert "kept.txt covers" in done.stdout
    assert "are gone" in done.stdout


async def test_a_checkpoint_of_another_key_is_a_finding(province: Province, tmp_path: Path) -> None:
    """Either the note was changed, or somebody made the collector a new key."""
    await province.services.files.seal()
    kept = tmp_path / "kept.txt"
    kept.write_text(province.services.files.carrier.note.replace("wanwatch\n", "other\n", 1))
    done = wanwatch(province, tmp_path, "audit", "verify", "--checkpoint", str(kept))
    assert done.returncode == 1
    assert "the collector's key is another" in done.stdout
    kept.write_text("nothing")
    assert (
        "no empty line before the signatures"
        in wanwatch(province, tmp_path, "audit", "verify", "--checkpoint", str(kept)).stdout
    )


async def test_a_watcher_is_given_the_newest_checkpoint(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Only one that is known: to others `/-/progress` says nothing of the files."""
    body = {"name": "canh-1", "unit": "000.01.30"}
    token = (await cli.post("/api/v1/watchers", json=body)).json()["token"]
    await province.services.files.seal()
    seen = await look(cli, "", token=token, every_seconds=30)
    assert seen.checkpoint == province.services.files.carrier.note != ""
    assert (await look(cli, "", token="wrong", every_seconds=30)).checkpoint == ""


async def test_the_record_is_listed_with_what_it_names(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """The newest first, by kind too; a content by its digest."""
    silence = {"rule": "FilesystemAlmostFull", "reason": "thay đĩa", "minutes": 30}
    assert (await cli.post("/api/v1/silences", json=silence)).status_code == 201
    newest = (await cli.get("/api/v1/record")).json()["items"][0]
    assert (newest["kind"], newest["actor"]) == ("mute", "person:an")
    assert "thay đĩa" in newest["text"]
    assert (await cli.get("/api/v1/record", params={"kind": "policy"})).json()["items"] == []
    assert (await cli.get("/api/v1/record/contents/" + "0" * 64)).status_code == 404
    assert (await cli.get("/api/v1/checkpoint")).status_code == 404
    await province.services.files.seal()
    note = (await cli.get("/api/v1/checkpoint")).text
    key = bytes(SigningKey(bytes(range(32))).verify_key)
    assert split_notes(note) == [note]
    assert verify(note, "wanwatch", key).size > 0


async def test_the_record_says_nothing_of_incidents_that_the_viewer_may_not_see(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """That somebody read a cipher incident is on record, its code for the cipher officer alone."""
    now = province.services.now()
    told = cause(999, class_code="cy_san_pham", dedup_key="cy", unit="000.01.30")

    def work(connection: Any) -> str:
        desk: Any = province.services.desk
        number = desk.alert_fired(DeskStore(connection), told, now)
        code = code_of(connection, number)
        record_reading(connection, code, "person:co-yeu", now)
        return code

    code = province.db.write_now(work)
    answer = await cli.get("/api/v1/record", params={"kind": "reading"})
    (entry,) = answer.json()["items"]
    assert (entry["hidden"], entry["canonical"], entry["text"]) == (True, "", None)
    assert code not in answer.text
    assert code not in (await cli.get("/record")).text
    assert (await cli.post(f"/api/v1/incidents/{code}/export")).status_code == 404
    evidence = {"kind": "khac", "name": "a.txt"}
    path = f"/api/v1/incidents/{code}/evidence"
    assert (await cli.post(path, params=evidence, content=b"x")).status_code == 404
    assert (await cli.get(f"/api/v1/incidents/{code}/entries/1/copies")).status_code == 404
