"""Evidence through the door: streamed, bounded, known by its bytes, its copies accounted for."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey

from collector.storage.audit import audit
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

CODE = "SC26-0003"
PATH = f"/api/v1/incidents/{CODE}/evidence"
LOG = "Nov 23 09:00:00 máy sshd[1]: đăng nhập sai\n".encode() * 3_000  # above 64 KiB
WHOSE = {"holder": "Nguyễn Văn An", "place": "Tủ số 2"}


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on SQLite and on PostgreSQL: the same promises hold on both."""
    return open_province(tmp_path, db=db)


def query(kind: str = "nhat_ky", name: str = "auth.log", **more: str) -> dict[str, str]:
    return {"kind": kind, "name": name, **WHOSE, **more}


async def last_entry(cli: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await cli.get(f"/api/v1/incidents/{CODE}")).json()["entries"][-1]
    return found


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "evidence").rglob("*") if path.is_file())


async def test_a_file_is_kept_by_its_digest_and_given_out_again(
    cli: httpx.AsyncClient, tmp_path: Path
) -> None:
    """Larger than any other body; intake and copy are entries; the bytes come back as they were."""
    answer = await cli.post(PATH, params=query(note="đoạn 9h"), content=LOG)
    assert answer.status_code == 201, answer.text
    digest = hashlib.sha256(LOG).hexdigest()
    assert answer.json() == {
        "incident": CODE, "sha256": digest, "bytes": len(LOG), "type": "text"
    }  # fmt: skip
    assert kept(tmp_path) == [digest]
    entry = await last_entry(cli)
    assert (entry["kind"], entry["actor"]) == ("evidence", "person:an")
    assert digest in entry["canonical"]
    piece = (await cli.get(f"/api/v1/incidents/{CODE}")).json()["evidence"][-1]
    assert (piece["name"], piece["holder"], piece["holding"]) == (
        "auth.log", "Nguyễn Văn An", "held"
    )  # fmt: skip
    copy = await cli.get(f"{PATH}/{piece['seq']}")
    assert copy.content == LOG
    assert copy.headers["content-type"] == "application/octet-stream"
    assert copy.headers["x-content-sha256"] == digest
    assert "attachment" in copy.headers["content-disposition"]
    assert (await last_entry(cli))["kind"] == "evidence_read"


async def test_what_is_refused_leaves_no_file(
    cli: httpx.AsyncClient, province: Province, tmp_path: Path
) -> None:
    """A wrong kind, no custody, a program, a lying name, too much: nothing stays on the disk."""
    too_much = b"a" * (province.services.files.evidence_bytes + 1)
    for params, content, status in (
        (query(kind="khong_co"), LOG, 409),
        (query(place=""), LOG, 409),
        (query(name="a.exe"), b"MZ\x90\x00", 409),
        (query(name="a.png"), LOG, 409),
        (query(name="a.txt"), b"", 409),
        (query(), too_much, 413),
    ):
        answer = await cli.post(PATH, params=params, content=content)
        assert answer.status_code == status, (params, answer.text)
    answer = await cli.post("/api/v1/incidents/SC26-9999/evidence", params=query(), content=LOG)
    assert answer.status_code == 404
    assert kept(tmp_path) == []


async def test_a_stream_without_a_length_is_bounded_as_well(
    cli: httpx.AsyncClient, province: Province, tmp_path: Path
) -> None:
    """The limit counts what comes, not what is announced."""

    async def pieces() -> Any:
        for _ in range(20):
            yield b"b" * (province.services.files.evidence_bytes // 10)

    answer = await cli.post(PATH, params=query(), content=pieces())
    assert answer.status_code == 413
    assert kept(tmp_path) == []


async def test_the_same_request_again_has_no_second_effect(
    cli: httpx.AsyncClient, tmp_path: Path
) -> None:
    """One Idempotency-Key: the first answer again; without it the second copy is refused."""
    headers = {"Idempotency-Key": "k-1"}
    first = await cli.post(PATH, params=query(), content=LOG, headers=headers)
    again = await cli.post(PATH, params=query(), content=LOG, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    refused = await cli.post(PATH, params=query(), content=LOG)
    assert refused.status_code == 409
    assert "in already" in refused.json()["reason_en"]
    assert len(kept(tmp_path)) == 1


async def test_other_routes_keep_their_small_limit(cli: httpx.AsyncClient) -> None:
    """Only the one route takes long bodies."""
    for path in (f"/api/v1/incidents/{CODE}/note", f"{PATH}/3", "/api/v1/incidents/evidence"):
        answer = await cli.post(path, content=b"x" * 70_000)
        assert answer.status_code == 413


async def test_evidence_is_in_the_export_and_in_the_audit(
    cli: httpx.AsyncClient, province: Province, tmp_path: Path
) -> None:
    """A file that was changed on the disk is found by both."""
    await cli.post(PATH, params=query(), content=LOG)
    digest = hashlib.sha256(LOG).hexdigest()
    answer = await cli.post(f"/api/v1/incidents/{CODE}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert opened.read(f"evidence/{digest}") == LOG
        assert f"{digest}  auth.log" in opened.read("ho-so.txt").decode()
    files = province.services.files.evidence

    def look() -> list[str]:
        key = bytes(SigningKey(bytes(range(32))).verify_key)
        found = province.db.read_now(
            lambda c: audit(c, origin="wanwatch", public_key=key, damaged=files.damage)
        )
        return [finding.why for finding in found.findings]

    assert look() == []
    files.path_of(digest).chmod(0o600)
    files.path_of(digest).write_bytes(LOG[:-1] + b"?")
    assert look() == [f"its evidence {digest[:12]}… was changed"]
    files.path_of(digest).unlink()
    assert look() == [f"its evidence {digest[:12]}… is missing"]


async def test_the_file_says_what_is_missing_before_the_end(cli: httpx.AsyncClient) -> None:
    """By name, in both languages, until it is handed in or waived."""
    before = (await cli.get(f"/api/v1/incidents/{CODE}")).json()["missing"]
    log = {"code": "nhat_ky", "vi": "Trích nhật ký", "en": "Log extract", "attached": False}
    assert log in before
    await cli.post(PATH, params=query(), content=LOG)
    await cli.post(f"/api/v1/incidents/{CODE}/waive", json={"kind": "anh_chup", "reason": "x"})
    after = (await cli.get(f"/api/v1/incidents/{CODE}")).json()["missing"]
    assert len(after) == len(before) - 2
