"""One inventory in every writing that arrives, for the tests of what is read and refused."""

from __future__ import annotations

import unicodedata

UNITS_TEXT = (
    "code;name;kind;parent;valid_from;old_names\n"
    "H29;Tỉnh Lâm Đồng;tinh;;01/07/2025;\n"
    "H29.1;Phường Hòa Bình;phuong;H29;2025-07-01;Thị trấn Hoà Bình|Xã Đạ Huoai\n"
    "H29.2;Đặc khu Phú Quý;dac_khu;H29;1/7/2025;Huyện đảo Phú Quý\n"
    "H29.3;Ủy ban nhân dân xã Nghĩa Đức;xa;H29;;\n"
)
# The name of the country, as typists of each writing have it.
TCVN3 = "Céng hoµ x· héi chñ nghÜa ViÖt Nam"
VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam"
TCVN3_UNITS = "code,name\nH1,V¨n phßng TØnh uû\nH2,Ph­êng Hßa B×nh\n"
VNI_UNITS = "code,name\nH1,Vaên phoøng Tænh uûy\nH2,Phöôøng Hoøa Bình\n"
TONES = "\u0300\u0301\u0303\u0309\u0323"


def windows_1258(text: str) -> bytes:
    """Return the bytes: letters with their shapes, then the tone."""
    found = b""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        bare = unicodedata.normalize("NFC", "".join(c for c in parts if c not in TONES))
        tone = "".join(c for c in parts if c in TONES)
        found += (bare + tone).encode("cp1258")
    return found


def written(text: str) -> dict[str, bytes]:
    """Return a text in every writing that is read."""
    return {
        "utf-8": text.encode(),
        "utf-8 with a mark": text.encode("utf-8-sig"),
        "utf-8 taken apart": unicodedata.normalize("NFD", text).encode(),
        "utf-16": text.encode("utf-16"),
        "utf-16, big end first": b"\xfe\xff" + text.encode("utf-16-be"),
        "utf-16 without a mark": text.encode("utf-16-le"),
        "windows-1258": windows_1258(text),
        "tabs": text.replace(";", "\t").encode("utf-16"),
        "commas": text.replace(";", ",").replace("\n", "\r\n").encode("utf-8-sig"),
        "with sep=": b"\xef\xbb\xbfsep=;\r\n" + text.replace("\n", "\r\n").encode(),
    }
