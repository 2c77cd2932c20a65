"""Bytes of a file of Vietnamese text → the text, or why they are not to be read.

Read: UTF-8 and UTF-16 with or without a byte-order mark, Windows-1258. Refused: TCVN3 (fonts named
`.Vn…`) and VNI-Windows, as such and pasted into Unicode. Their letters are other characters in
another font, so nothing says what they are but that Vietnamese words come out by one reading only.

Source of both tables: TCVN 5712:1993, table VN3; the VNI-Windows character set.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

from incidents.vietnamese_tones import is_syllable

if TYPE_CHECKING:
    from collections.abc import Iterator

Writing = Literal["unicode", "tcvn3", "vni"]
_BETWEEN = re.compile(r"[\s\d,;:.()\[\]{}/\\\"'|_+&*<>=?!@#%–—“”‘’…-]+")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_TCVN3 = dict(
    zip(
        map(ord, "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"),
        "ăâêôơưđăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
# A letter that stands for itself, and a mark that stands behind the letter it belongs to.
_VNI_LETTERS = dict(zip(map(ord, "ñôöìíæóòî"), "đơưìíỉĩịỵ", strict=True))
_VNI_MARKS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323", "â": "\u0302",
    "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300",
    "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_PAIR = re.compile(f"([aeiouyôö])([{''.join(_VNI_MARKS)}])")
_NAMES = {"tcvn3": "TCVN3 (ABC, .VnTime)", "vni": "VNI"}


class Unreadable(NamedTuple):
    """Why bytes are not read: the line from 1, and the reason in both languages."""

    line: int
    reason_vi: str
    reason_en: str


def read(content: bytes) -> str | Unreadable:
    """Return the text, composed (NFC) and without a byte-order mark, or why it is not read."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    encoding = encoding or _utf16_without_mark(content) or "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            return _of_one_byte_each(content, error.start)
        line = content[: error.start].replace(b"\0", b"").count(b"\n") + 1
        return _no_text(line, encoding)
    return check(unicodedata.normalize("NFC", text))


def check(text: str) -> str | Unreadable:
    """Return a text that is Unicode already, or why it is none: old letters pasted into it.

    A line of which two words are old and fewer are not is enough, or a text that is mostly old.
    """
    found = _counted(text)
    good = Counter(found["unicode"])
    for writing in ("tcvn3", "vni"):
        lines = Counter(found[writing])
        pasted = (line for line, words in lines.items() if words > max(1, good[line]))
        if (line := next(pasted, None)) is not None:
            return _refused(line, writing)
        if lines.total() > good.total():
            return _refused(min(lines), writing)
    return text


def _of_one_byte_each(content: bytes, start: int) -> str | Unreadable:
    old = _counted(content.decode("latin-1"))
    try:
        text = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        text = ""
    good = [line for line, word in _words(text) if is_syllable(word)]
    writing: Writing = "vni" if len(old["vni"]) > len(old["tcvn3"]) else "tcvn3"
    if len(old[writing]) > len(good):
        return _refused(old[writing][0], writing)
    wrong = next((line for line, word in _words(text) if not is_syllable(word)), None)
    if good and wrong is None:
        return text
    return _no_text(wrong or content[:start].count(b"\n") + 1, "utf-8")


def _counted(text: str) -> dict[Writing, list[int]]:
    """Return the lines of the words that are Vietnamese by one reading and by no other."""
    found: dict[Writing, list[int]] = {"unicode": [], "tcvn3": [], "vni": []}
    for line, word in _words(text):
        readings = {"unicode": word, "tcvn3": _from_tcvn3(word), "vni": _from_vni(word)}
        good = [name for name, read in readings.items() if len(read) > 1 and is_syllable(read)]
        if len(good) == 1:
            found[good[0]].append(line)  # type: ignore[index]
    return found


def _words(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words that are more than ASCII, each with its line."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.isascii():
            yield from ((number, word) for word in _BETWEEN.split(line) if not word.isascii())


def _from_tcvn3(word: str) -> str:
    """Return the word that these characters show in a font of TCVN3; empty where they do not."""
    if any(not c.isascii() and ord(c) not in _TCVN3 for c in word):
        return ""
    return unicodedata.normalize("NFC", word.translate(_TCVN3))


def _from_vni(word: str) -> str:
    """Return the word that these characters show in a font of VNI; empty where they do not."""
    lower = word.lower()
    known = {*map(chr, _VNI_LETTERS), *_VNI_MARKS}
    if any(not c.isascii() and c not in known for c in lower):
        return ""
    marked = _VNI_PAIR.sub(lambda pair: pair[1] + _VNI_MARKS[pair[2]], lower)
    return unicodedata.normalize("NFC", marked.translate(_VNI_LETTERS))


def _utf16_without_mark(content: bytes) -> str:
    """Return the byte order of UTF-16 in which names of columns have a zero in every letter."""
    head = content[:400]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _refused(line: int, writing: Writing) -> Unreadable:
    name = _NAMES[writing]
    return Unreadable(
        line,
        f"chữ theo bảng mã {name}; chuyển sang Unicode (công cụ chuyển mã của Unikey: "
        f"{'TCVN3 (ABC)' if writing == 'tcvn3' else 'VNI Windows'} → Unicode), "
        "rồi lưu lại dạng 'CSV UTF-8'",
        f"written in {name}; convert it to Unicode (the converter of Unikey: "
        f"{'TCVN3 (ABC)' if writing == 'tcvn3' else 'VNI Windows'} → Unicode), "
        "then save it as 'CSV UTF-8'",
    )


def _no_text(line: int, encoding: str) -> Unreadable:
    name = "UTF-16" if encoding.startswith("utf-16") else "UTF-8"
    return Unreadable(
        line,
        f"không phải {name} hay Windows-1258; trong Excel lưu dạng 'CSV UTF-8'",
        f"is not {name}, nor Windows-1258; in Excel save as 'CSV UTF-8'",
    )
