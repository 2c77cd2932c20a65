"""An exported file: verify.py, alone with a bare Python, finds every way of tampering with it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey

from collector.export.archive import write_archive
from collector.export.gather import gather
from collector.storage.desk_store import DeskStore
from collector.storage.sealer import newest_note
from incidents.checkpoint import Checkpoint, sign, sign_text, verifier_key
from incidents.commands import Note
from incidents.timeline import canonical_json
from tests.builders import AN, T0
from tests.integration.test_sealing import KEY, ORIGIN, Archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Files = dict[str, bytes]
NOW = T0 + timedelta(days=2)
OTHER = SigningKey(b"\x07" * 32)
VKEY = verifier_key(ORIGIN, bytes(KEY.verify_key))


@pytest.fixture
def archive(db: Any) -> Archive:
    return Archive(db)


def export(archive: Archive, folder: Path, code: str = "SC26-0001") -> Path:
    found = archive.db.read_now(lambda c: gather(c, code))
    assert found is not None
    target = folder / f"{code}.zip"
    write_archive(
        target,
        found,
        key=KEY,
        origin=ORIGIN,
        path_of=lambda digest: folder / digest,
        exported_at=NOW,
        exported_by=AN,
    )
    return target


def verify(*arguments: object) -> tuple[int, str]:
    """Run the program with a bare Python and return its exit code and what it said."""
    done = subprocess.run(
        ["python3", "-I", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8"
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def unpacked(target: Path) -> Files:
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(target: Path, files: Files) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def verified(folder: Path, files: Files, *options: object) -> tuple[int, str]:
    """Write the files as a zip and verify it with a program of another source."""
    program = folder / "verify.py"
    program.write_bytes(files.get("verify.py", b"") or b"")
    return verify(program, packed(folder / "given.zip", files), *options)


def last_line(said: str) -> str:
    return said.rstrip().splitlines()[-1]


def resign(files: Files, *, key: SigningKey = KEY) -> None:
    """Make the index anew over what is there, as somebody with the key would."""
    index = json.loads(files["index.json"])
    names = sorted(set(files) - {"index.json", "index.sig"})
    index["files"] = [
        {"path": n, "sha256": hashlib.sha256(files[n]).hexdigest(), "bytes": len(files[n])}
        for n in names
    ]
    index["entries"] = sum(name.startswith("entries/") for name in names)
    content = canonical_json(index)
    digest = hashlib.sha256(content.encode()).hexdigest()
    text = f"wanwatch/export\n{index['incident']}\n{digest}\n"
    files["index.json"] = content.encode()
    files["index.sig"] = sign_text(text, ORIGIN, key).encode()


def test_an_untouched_export_verifies_as_zip_and_as_folder(
    archive: Archive, tmp_path: Path
) -> None:
    """The verdict stands in the last line; the folder's own copy of the program says the same."""
    target = export(archive, tmp_path)
    files = unpacked(target)
    code, said = verified(tmp_path, files, "--key", VKEY)

    assert (code, last_line(said)) == (0, "KHỚP: hồ sơ nguyên vẹn, đúng như đã ký.")
    assert "SC26-0001: 5 mục" in said
    with zipfile.ZipFile(target) as opened:
        opened.extractall(tmp_path / "out")
    code, said = verify(tmp_path / "out" / "verify.py")
    assert (code, last_line(said)[:5]) == (0, "KHỚP:")


def test_entries_that_wait_for_their_place_are_named(archive: Archive, tmp_path: Path) -> None:
    """An export in the seconds before the sealer's turn is whole, and says what is not sealed."""
    archive.write(lambda c: archive.desk.command(DeskStore(c), 1, Note("mới"), AN, NOW))
    code, said = verified(tmp_path, unpacked(export(archive, tmp_path)))

    assert code == 0, said
    assert "Chưa có chỗ trong cây lúc xuất: mục 6" in said


def test_an_incident_that_nothing_was_sealed_of_verifies(db: Any, tmp_path: Path) -> None:
    """Before the first checkpoint there are no proofs, and still a chain and a signed index."""
    archive = Archive.__new__(Archive)
    archive.db = db
    from tests.builders import cause, desk

    archive.desk = desk()
    archive.write(lambda c: archive.desk.alert_fired(DeskStore(c), cause(), T0))
    code, said = verified(tmp_path, unpacked(export(archive, tmp_path)))

    assert code == 0, said
    assert "chưa mục nào có chỗ trong cây" in said


def test_export_of_nothing_is_none(archive: Archive) -> None:
    """A code that nobody knows."""
    assert archive.db.read_now(lambda c: gather(c, "SC26-0099")) is None


def edit(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    def do(files: Files) -> None:
        assert old in files[name], files[name]
        files[name] = files[name].replace(old, new)

    return do


def swap(one: str, other: str) -> Callable[[Files], None]:
    def do(files: Files) -> None:
        files[one], files[other] = files[other], files[one]

    return do


def drop(*names: str) -> Callable[[Files], None]:
    def do(files: Files) -> None:
        for name in names:
            del files[name]

    return do


def put(name: str, content: bytes) -> Callable[[Files], None]:
    def do(files: Files) -> None:
        files[name] = content

    return do


ENTRY, WORDS = "entries/00004.json", "words/00004.json"


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (edit(ENTRY, b"person:an", b"person:binh"), f"tệp {ENTRY} đã bị sửa"),
        (edit(WORDS, "nhà mạng".encode(), b"giao ca"), f"tệp {WORDS} đã bị sửa"),
        (drop(ENTRY), f"thiếu tệp {ENTRY}"),
        (put("entries/00006.json", b"{}"), "được thêm vào sau"),
        (swap(ENTRY, "entries/00003.json"), "đã bị sửa"),
        (edit("proofs.json", b"place", b"plaza"), "tệp proofs.json đã bị sửa"),
        (edit("checkpoint.txt", b"7", b"8"), "tệp checkpoint.txt đã bị sửa"),
        (edit("verify.py", b"KH", b"kh"), "tệp verify.py đã bị sửa"),
        (edit("index.json", b'"entries":5', b'"entries":4'), "mục lục index.json đã bị sửa"),
        (edit("index.sig", b"export", b"exporT"), "chữ ký không đúng"),
        (put("index.json", b"not json"), "không đọc được hồ sơ"),
        (put("key.txt", b"x"), "khóa công khai không đúng dạng"),
        (drop("index.sig"), "thiếu tệp index.sig"),
        (drop("key.txt"), "thiếu tệp key.txt"),
    ],
)
def test_tampering_without_the_key_breaks_the_index(
    archive: Archive, tmp_path: Path, tamper: Callable[[Files], None], said: str
) -> None:
    """Edited, removed, added, exchanged: the signed index lists every file."""
    files = unpacked(export(archive, tmp_path))
    program = files["verify.py"]
    tamper(files)
    given = packed(tmp_path / "given.zip", files)
    own = tmp_path / "own.py"
    own.write_bytes(program)
    code, found = verify(own, given)

    assert code == 1
    assert said in found, found
    assert last_line(found).startswith("KHÔNG KHỚP:")


def chained(seq: int, change: Callable[[dict[str, Any]], None]) -> Callable[[Files], None]:
    """Change an entry and make every hash after it anew, as a careful forger would."""

    def do(files: Files) -> None:
        last = max(int(name[8:13]) for name in files if name.startswith("entries/"))
        previous = ""
        for number in range(seq, last + 1):
            name = f"entries/{number:05d}.json"
            body = json.loads(files[name])
            if number == seq:
                change(body)
            else:
                body["previous"] = previous
            files[name] = canonical_json(body).encode()
            previous = hashlib.sha256(files[name]).hexdigest()

    return do


def own_checkpoint(files: Files) -> None:
    note = sign(Checkpoint(ORIGIN, 7, b"\x01" * 32), ORIGIN, KEY)
    files["checkpoint.txt"] = note.encode()


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (edit(ENTRY, b"person:an", b"person:binh"), "mục 5: không nối tiếp mục trước"),
        (edit(ENTRY, b'"v":1', b'"v": 1'), "mục 4: không đúng dạng chuẩn"),
        (swap(ENTRY, "entries/00003.json"), "mục 3: là mục của nơi khác, hoặc đã đổi thứ tự"),
        (edit(WORDS, "nhà mạng".encode(), b"giao ca"), "mục 4: lời ghi không đúng"),
        (drop(WORDS), "mục 4: lời ghi bị bỏ mà không mục nào nói ai bỏ"),
        (
            chained(4, lambda body: body.update(actor="person:binh")),
            "mục 4: không nằm trong cây mà dấu kiểm đã ký",
        ),
        (edit("proofs.json", b'"place": 5', b'"place": 4'), "không nằm trong cây"),
        (put("proofs.json", b'{"1": {"place": 0, "proof": []}}'), "thiếu chứng minh vị trí"),
        (own_checkpoint, "mục 1: không nằm trong cây mà dấu kiểm đã ký"),
        (drop("entries/00002.json"), "mục 2: thiếu tệp"),
    ],
)
def test_tampering_with_the_key_breaks_chain_or_tree(
    archive: Archive, tmp_path: Path, tamper: Callable[[Files], None], said: str
) -> None:
    """Who can sign the index anew still has the chain, the words and the tree against him."""
    files = unpacked(export(archive, tmp_path))
    tamper(files)
    resign(files)
    code, found = verified(tmp_path, files)

    assert code == 1, found
    assert said in found, found


def test_another_key_is_found_by_who_knows_ours(archive: Archive, tmp_path: Path) -> None:
    """Everything signed anew by somebody else: whole in itself, and not ours."""
    files = unpacked(export(archive, tmp_path))
    root = files["checkpoint.txt"].decode().split("\n")
    forged = f"{root[0]}\n{root[1]}\n{root[2]}\n"
    files["checkpoint.txt"] = sign_text(forged, ORIGIN, OTHER).encode()
    files["key.txt"] = verifier_key(ORIGIN, bytes(OTHER.verify_key)).encode()
    resign(files, key=OTHER)

    assert verified(tmp_path, files)[0] == 0
    code, said = verified(tmp_path, files, "--key", VKEY)
    assert (code, "ký bằng khóa khác" in said) == (1, True)


def test_a_checkpoint_kept_elsewhere_must_be_ours_and_agree(
    archive: Archive, tmp_path: Path
) -> None:
    """The true one agrees, one of the same size over another tree does not, one of others never."""
    files = unpacked(export(archive, tmp_path))
    kept = tmp_path / "kept.txt"
    kept.write_text(archive.db.read_now(newest_note) or "", encoding="utf-8")
    assert verified(tmp_path, files, "--checkpoint", kept)[0] == 0
    kept.write_text(sign(Checkpoint(ORIGIN, 7, b"\x02" * 32), ORIGIN, KEY), encoding="utf-8")
    assert "ký một cây khác" in verified(tmp_path, files, "--checkpoint", kept)[1]
    kept.write_text(sign(Checkpoint(ORIGIN, 7, b"\x02" * 32), ORIGIN, OTHER), encoding="utf-8")
    assert "chữ ký không đúng" in verified(tmp_path, files, "--checkpoint", kept)[1]


def test_two_files_of_one_name_are_refused(archive: Archive, tmp_path: Path) -> None:
    """What one reader sees and another does not is no file of ours."""
    target = export(archive, tmp_path)
    program = tmp_path / "own.py"
    program.write_bytes(unpacked(target)["verify.py"])
    with zipfile.ZipFile(target, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr(ENTRY, b"{}")

    assert "hai tệp cùng tên" in verify(program, target)[1]


def test_wrong_use_is_told_apart_from_a_wrong_file(archive: Archive, tmp_path: Path) -> None:
    """2: called wrongly; 1 with a verdict: no such file."""
    program = tmp_path / "own.py"
    program.write_bytes(unpacked(export(archive, tmp_path))["verify.py"])

    assert verify(program, "--what")[0] == 2
    code, said = verify(program, tmp_path / "none.zip")
    assert (code, last_line(said)[:11]) == (1, "KHÔNG KHỚP:")
