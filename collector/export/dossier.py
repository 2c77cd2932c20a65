"""The dossier of a report for the archive: every version in one zip that verifies by itself."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from collector.export.archive import Writer, sealed, verifier
from collector.export.papers import put_papers
from incidents.checkpoint import verifier_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from nacl.signing import SigningKey

    from incidents.reports.life import Report

_README = """HỒ SƠ LƯU TRỮ BÁO CÁO {name}

reports/       từng bản đã trình ký: PDF, docx, nội dung đã ký, số liệu, việc đã làm; muc-luc.txt
index.json     mục lục mọi tệp với giá trị SHA-256, ký trong index.sig
key.txt        khóa công khai

Kiểm tra (máy nào có Python 3.8 trở lên, không cần mạng):

    python3 -I verify.py

Dòng cuối là KHỚP hoặc KHÔNG KHỚP và chỗ sai.

Không ghi nội dung bí mật nhà nước trong hồ sơ này.
"""


def write_dossier(
    target: Path,
    versions: Sequence[Report],
    *,
    key: SigningKey,
    origin: str,
    exported_at: datetime,
    exported_by: str,
) -> bool:
    """Write the zip; false when none of the versions has been put up for signature yet."""
    name = f"report-{versions[0].family}"
    with zipfile.ZipFile(target, "w") as archive:
        writer = Writer(archive, exported_at)
        writer.text("DOC-TRUOC.txt", _README.format(name=name))
        writer.text("verify.py", verifier())
        writer.text("key.txt", verifier_key(origin, bytes(key.verify_key)) + "\n")
        writer.text("proofs.json", "{}")
        count = put_papers(writer, versions)
        sealed(writer, name, key, origin, at=exported_at, by=exported_by)
    if not count:
        target.unlink()
    return count > 0
