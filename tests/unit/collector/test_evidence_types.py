"""Evidence is what its bytes are: a name that says otherwise is refused, a program always."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from collector.evidence_types import WrongFileError, recognise


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO(b""))
    return out.getvalue()


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "màn hình.png", "image"),
        (b"\xff\xd8\xff\xe0....", "anh.JPG", "image"),
        (b"%PDF-1.7\n", "bao-cao.pdf", "pdf"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a.docx", "document"),
        (zipped("log.txt"), "a.zip", "archive"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "mau.7z", "archive"),
        (tarred(), "a.tar", "archive"),
        (b"\x1f\x8b\x08\x00....", "log.gz", "archive"),
        (b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "a.pcap", "capture"),
        (b"\x0a\x0d\x0d\x0a\x1c\x00", "a.pcapng", "capture"),
        (b"ElfFile\x00\x00\x00", "Security.evtx", "events"),
        ("Nov 23 09:00:00 máy sshd[1]: lỗi\n".encode(), "auth.log", "text"),
        ("đăng nhập".encode("utf-16"), "su-kien.txt", "text"),
        (b"\x00\x01\x02\x03" * 50, "memory.dump", "raw"),
        (b"#!/bin/sh\nrm -rf /\n", "script.txt", "text"),
        (b"no ending at all\n", "ghichu", "text"),
    ],
)
def test_a_file_is_what_its_bytes_are(head: bytes, name: str, kind: str) -> None:
    """The kinds that evidence comes in, by their first bytes."""
    assert recognise(head, name).type == kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"", "rong.txt"),
        (b"MZ\x90\x00\x03", "tool.exe"),
        (b"MZ\x90\x00\x03", "anh.png"),
        (b"\x7fELF\x02\x01", "ls"),
        (b"#!/bin/sh\n", "run.sh"),
        (b"%PDF-1.7\n", "anh.png"),
        (b"\x89PNG\r\n\x1a\n", "log.txt"),
        (b"\x00\x01\x02" * 9, "log.csv"),
        (zipped("a"), "a.docx"),
        (b"plain text", "a.zip"),
    ],
)
def test_an_empty_file_a_program_and_a_lying_name_are_refused(head: bytes, name: str) -> None:
    """With words in both languages that say what to do."""
    with pytest.raises(WrongFileError) as refused:
        recognise(head, name)
    assert refused.value.vi != refused.value.en


def test_text_may_be_cut_within_a_letter() -> None:
    """The first MiB ends anywhere; that does not make a log raw."""
    head = ("ế" * 400_000).encode()[: (1 << 20) - 1]
    assert recognise(head, "a.log").type == "text"
