"""Writes an export: one zip whose index is signed and whose `verify.py` checks all of it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from importlib import resources
from typing import TYPE_CHECKING

from collector.export.papers import put_papers
from collector.export.reading import as_text
from incidents.checkpoint import sign_text, verifier_key
from incidents.timeline import canonical_json
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from nacl.signing import SigningKey

    from collector.export.gather import Gathered

_PIECE = 1 << 20
_README = """HỒ SƠ SỰ CỐ {code}

ho-so.txt      diễn biến để đọc
entries/       từng mục, đúng từng byte đã ký          words/    lời ghi của từng mục
evidence/      chứng cứ, tên tệp là giá trị SHA-256 (tên gốc ghi trong ho-so.txt)
proofs.json    chỗ của từng mục trong cây               checkpoint.txt  dấu kiểm đã ký
reports/       báo cáo đã trình ký: PDF, docx, số liệu, việc đã làm, mục lục
index.json     mục lục mọi tệp, ký trong index.sig      key.txt  khóa công khai

Kiểm tra (máy nào có Python 3.8 trở lên, không cần mạng):

    python3 -I verify.py

Dòng cuối là KHỚP hoặc KHÔNG KHỚP và chỗ sai. Nên lấy verify.py và khóa từ một nguồn khác với tệp
này (bản in, đơn vị khác, tác tử) rồi chạy: python3 -I verify.py HO-SO.zip --key KHOA

Không ghi nội dung bí mật nhà nước trong hồ sơ này.
"""


class Writer:
    """Puts files into the zip and their digests into the index."""

    def __init__(self, archive: zipfile.ZipFile, at: datetime) -> None:
        self._zip = archive
        local = at.astimezone(ZONE)
        self._date = (*local.timetuple()[:5], local.second)
        self.index: list[dict[str, object]] = []

    def text(self, name: str, text: str, *, listed: bool = True) -> None:
        self.content(name, text.encode(), listed=listed)

    def content(self, name: str, content: bytes, *, listed: bool = True) -> None:
        self._zip.writestr(self._info(name), content)
        if listed:
            self._list(name, hashlib.sha256(content).hexdigest(), len(content))

    def file(self, name: str, path: Path) -> None:
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as source, self._zip.open(self._info(name), "w") as target:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self._list(name, digest.hexdigest(), size)

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    def _list(self, name: str, digest: str, size: int) -> None:
        self.index.append({"path": name, "sha256": digest, "bytes": size})


def write_archive(
    target: Path,
    found: Gathered,
    *,
    key: SigningKey,
    origin: str,
    path_of: Callable[[str], Path],
    exported_at: datetime,
    exported_by: str,
) -> None:
    """Write the zip.

    Args:
        path_of: Where the evidence of a SHA-256 lies.

    Raises:
        OSError: Evidence is missing, or the disk refused.
    """
    with zipfile.ZipFile(target, "w") as archive:
        writer = Writer(archive, exported_at)
        writer.text("DOC-TRUOC.txt", _README.format(code=found.code))
        writer.text("ho-so.txt", as_text(found))
        writer.text("verify.py", verifier())
        writer.text("key.txt", verifier_key(origin, bytes(key.verify_key)) + "\n")
        writer.text("checkpoint.txt", found.checkpoint)
        writer.text("checkpoint-newest.txt", found.newest)
        for entry in found.entries:
            writer.text(f"entries/{entry.seq:05d}.json", entry.canonical)
            if entry.text is not None:
                words = {"salt": entry.salt, "text": entry.text}
                writer.text(f"words/{entry.seq:05d}.json", json.dumps(words, ensure_ascii=False))
        proofs = {str(seq): place._asdict() for seq, place in found.places.items()}
        writer.text("proofs.json", json.dumps(proofs))
        for exhibit in found.evidence:
            writer.file(f"evidence/{exhibit.sha256}", path_of(exhibit.sha256))
        put_papers(writer, found.reports)
        sealed(
            writer, found.code, key, origin, at=exported_at, by=exported_by,
            entries=len(found.entries), waiting=found.waiting,
        )  # fmt: skip


def sealed(
    writer: Writer,
    name: str,
    key: SigningKey,
    origin: str,
    *,
    at: datetime,
    by: str,
    entries: int = 0,
    waiting: Sequence[int] = (),
) -> None:
    """Write the index of everything that was put in, and sign it: the last files of a zip."""
    index = canonical_json(
        {
            "v": 1,
            "incident": name,
            "entries": entries,
            "waiting": list(waiting),
            "exported_at": at.astimezone(ZONE).isoformat(timespec="seconds"),
            "exported_by": by,
            "files": writer.index,
        }
    )
    digest = hashlib.sha256(index.encode()).hexdigest()
    writer.text("index.json", index, listed=False)
    signed = sign_text(f"wanwatch/export\n{name}\n{digest}\n", origin, key)
    writer.text("index.sig", signed, listed=False)


def verifier() -> str:
    """Return the program that checks an export, with the standard library alone."""
    return (resources.files("collector.export") / "verify.py").read_text(encoding="utf-8")
