"""What a file is by its bytes, and whether its name agrees: names are not believed."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from incidents.procedure_evidence import FileType

# First bytes → what it is. Source: the formats' own specifications, as file(1) has them, too.
_MAGIC: tuple[tuple[bytes, FileType, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image", "image/png"),
    (b"\xff\xd8\xff", "image", "image/jpeg"),
    (b"GIF87a", "image", "image/gif"),
    (b"GIF89a", "image", "image/gif"),
    (b"BM", "image", "image/bmp"),
    (b"%PDF-", "pdf", "application/pdf"),
    (b"7z\xbc\xaf\x27\x1c", "archive", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08", "archive", "application/gzip"),
    (b"\xfd7zXZ\x00", "archive", "application/x-xz"),
    (b"BZh", "archive", "application/x-bzip2"),
    (b"Rar!\x1a\x07", "archive", "application/vnd.rar"),
    (b"\x28\xb5\x2f\xfd", "archive", "application/zstd"),
    (b"\xd4\xc3\xb2\xa1", "capture", "application/vnd.tcpdump.pcap"),
    (b"\xa1\xb2\xc3\xd4", "capture", "application/vnd.tcpdump.pcap"),
    (b"\x4d\x3c\xb2\xa1", "capture", "application/vnd.tcpdump.pcap"),
    (b"\x0a\x0d\x0d\x0a", "capture", "application/x-pcapng"),
    (b"ElfFile\x00", "events", "application/x-ms-evtx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document", "application/x-ole-storage"),
)
_ZIPPED_DOCUMENTS = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument")
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
_TEXT_CONTROL = frozenset("\t\n\r\f\x1b")
# Endings that promise what the bytes are.
_ENDINGS: dict[str, FileType] = {
    "png": "image", "jpg": "image", "jpeg": "image", "gif": "image", "bmp": "image",
    "pdf": "pdf", "docx": "document", "xlsx": "document", "pptx": "document", "odt": "document",
    "ods": "document", "doc": "document", "xls": "document", "zip": "archive", "7z": "archive",
    "gz": "archive", "tgz": "archive", "xz": "archive", "bz2": "archive", "rar": "archive",
    "zst": "archive", "pcap": "capture", "pcapng": "capture", "cap": "capture", "evtx": "events",
    "txt": "text", "log": "text", "csv": "text", "json": "text", "conf": "text", "cfg": "text",
    "xml": "text", "yaml": "text", "yml": "text", "ini": "text",
}  # fmt: skip


class WrongFileError(Exception):
    """The file is not taken in; both texts say why and what to do."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


class Recognised(NamedTuple):
    """What a file is."""

    type: FileType
    media_type: str


def recognise(head: bytes, name: str) -> Recognised:
    """Return what a file is, by its first MiB.

    Raises:
        WrongFileError: It is empty, a program, or not what its name says.
    """
    if not head:
        raise WrongFileError("Tệp rỗng.", "The file is empty.")
    if head.startswith(_PROGRAMS) and not _is_text_program(head, name):
        raise WrongFileError(
            "Tệp là chương trình chạy được: nén lại có mật khẩu rồi nộp.",
            "The file is a program: put it into an archive with a password.",
        )
    found = _by_bytes(head)
    promised = _ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if promised is not None and promised != found.type:
        raise WrongFileError(
            f"Tên tệp nói là {promised}, nội dung là {found.type}: đặt lại đúng tên.",
            f"Its name says {promised}, its content is {found.type}: give it its right name.",
        )
    return found


def _by_bytes(head: bytes) -> Recognised:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if any(sign in head[:4096] for sign in _ZIPPED_DOCUMENTS):
            return Recognised("document", "application/octet-stream")
        return Recognised("archive", "application/zip")
    if head[257:262] == b"ustar":
        return Recognised("archive", "application/x-tar")
    for magic, kind, media_type in _MAGIC:
        if head.startswith(magic):
            return Recognised(kind, media_type)
    if _is_text(head):
        return Recognised("text", "text/plain")
    return Recognised("raw", "application/octet-stream")


def _is_text_program(head: bytes, name: str) -> bool:
    """A script's text under a name that calls it text is text: nothing runs it by that name."""
    ending = name.rpartition(".")[2].lower()
    return head.startswith((b"#!", b"MZ")) and _ENDINGS.get(ending) == "text" and _is_text(head)


def _is_text(head: bytes) -> bool:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(ord(c) < 32 and c not in _TEXT_CONTROL for c in text)
