#!/usr/bin/env python3
"""Kiểm tra một hồ sơ sự cố đã xuất. Chỉ cần Python 3.8 trở lên, không cài thêm gì, không cần mạng.

    python3 -I verify.py [HO-SO.zip | THU-MUC] [--key KHOA] [--checkpoint TEP]

Không nêu gì: kiểm tra thư mục chứa chính tệp này. `--key` là khóa công khai của hệ thống, lấy từ
nơi khác (bản in, sổ trực, tác tử); `--checkpoint` là dấu kiểm đã giữ ở nơi khác.
Dòng cuối là kết luận: KHỚP hoặc KHÔNG KHỚP. Mã thoát: 0 khớp, 1 không khớp, 2 gọi sai cách.

Verifies an exported incident file with the standard library alone: the chain of entries, their
words, their places in the signed tree, evidence, and the signed index of all files.
Sources: RFC 6962 (tree), RFC 8032 (Ed25519), c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import sys
import zipfile
from pathlib import Path

INDEX, INDEX_NOTE, KEY, CHECKPOINT = "index.json", "index.sig", "key.txt", "checkpoint.txt"
REMOVING = ("sealed", "content_removed")
DASH = "\u2014"
PIECE = 1 << 20

# --- Ed25519, RFC 8032 section 5.1 ---------------------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P
NEUTRAL = (0, 1, 1, 0)


def point_of(data: bytes) -> tuple[int, int, int, int]:
    """Return the point of 32 bytes in extended coordinates; ValueError when they are none."""
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if len(data) != 32 or y >= P:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def plus(
    one: tuple[int, int, int, int], two: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """Add two points."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Add a point to itself so many times."""
    total = NEUTRAL
    while number:
        if number & 1:
            total = plus(total, point)
        point, number = plus(point, point), number >> 1
    return total


def same(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> bool:
    """Say whether two points are one."""
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 == (one[1] * two[2] - two[1] * one[2]) % P


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Check an Ed25519 signature; keys and nonces of small order are refused."""
    try:
        key, nonce = point_of(public_key), point_of(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if (
        len(signature) != 64
        or s >= L
        or same(times(8, key), NEUTRAL)
        or same(times(8, nonce), NEUTRAL)
    ):
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    h = int.from_bytes(digest, "little") % L
    base = point_of(BASE_Y.to_bytes(32, "little"))
    return same(times(s, base), plus(nonce, times(h, key)))


# --- Signed notes and the tree -------------------------------------------------------------------
class Bad(Exception):
    """Something does not hold; its text is said to the reader."""


class Key:
    """A public key as `name+id+base64`."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.name, _, rest = self.text.partition("+")
        packed = unpacked(rest.partition("+")[2])
        self.id = hashlib.sha256(self.name.encode() + b"\n" + packed).digest()[:4]
        if len(packed) != 33 or packed[:1] != b"\x01" or self.id.hex() != rest.partition("+")[0]:
            raise Bad("khóa công khai không đúng dạng")
        self.bytes = packed[1:]

    def text_of(self, note: str, what: str) -> str:
        """Return the text of a note that this key signed."""
        text, separator, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.splitlines() if separator else ():
            parts = line.split(" ")
            if len(parts) != 3 or parts[0] != DASH or parts[1] != self.name:
                continue
            packed = unpacked(parts[2])
            if packed[:4] == self.id and signature_holds(self.bytes, text.encode(), packed[4:]):
                return text
        raise Bad(f"{what}: chữ ký không đúng, hoặc không phải của khóa này")


def unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def in_tree(place: int, size: int, leaf: bytes, proof: list[bytes], top: bytes) -> bool:
    """Check an inclusion proof (RFC 9162 section 2.1.3.2)."""
    if not 0 <= place < size:
        return False
    last, node = size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = sha(b"\x01" + sibling + node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = sha(b"\x01" + node + sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == top


def checkpoint_of(text: str, what: str) -> tuple[int, bytes]:
    lines = text.split("\n")
    root = unpacked(lines[2]) if len(lines) > 3 else b""
    if len(root) != 32 or not lines[1].isdecimal():
        raise Bad(f"{what}: không phải dấu kiểm")
    return int(lines[1]), root


# --- The exported file ---------------------------------------------------------------------------
class Files:
    """The files of a zip or of a directory."""

    def __init__(self, place: Path) -> None:
        self.zip = None if place.is_dir() else zipfile.ZipFile(place)
        self.place = place
        if self.zip is not None:
            names = self.zip.namelist()
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise Bad(f"tệp nén có hai tệp cùng tên: {', '.join(twice)}")
            self.names = {name for name in names if not name.endswith("/")}
        else:
            found = (path for path in place.rglob("*") if path.is_file() or path.is_symlink())
            self.names = {path.relative_to(place).as_posix() for path in found}

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, read piece by piece."""
        found = hashlib.sha256()
        with self._open(name) as file:
            for piece in iter(lambda: file.read(PIECE), b""):
                found.update(piece)
        return found.hexdigest()

    def read(self, name: str) -> bytes:
        if name not in self.names:
            raise Bad(f"thiếu tệp {name}")
        with self._open(name) as file:
            return bytes(file.read())

    def _open(self, name: str):  # type: ignore[no-untyped-def]
        return self.zip.open(name) if self.zip is not None else (self.place / name).open("rb")


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Check:
    """Collects what does not hold; each step goes on as far as it can."""

    def __init__(self, files: Files, wanted_key: str) -> None:
        self.files = files
        self.problems: list[str] = []
        self.key = Key(files.read(KEY).decode())
        if wanted_key and wanted_key.strip() != self.key.text:
            raise Bad("hồ sơ ký bằng khóa khác với khóa đã nêu ở --key")
        content = files.read(INDEX)
        signed = f"wanwatch/export\n{{}}\n{hashlib.sha256(content).hexdigest()}\n"
        self.index = json.loads(content)
        text = self.key.text_of(files.read(INDEX_NOTE).decode(), "mục lục (index.sig)")
        if text != signed.format(self.index["incident"]):
            raise Bad("mục lục index.json đã bị sửa")
        self.code, self.count = self.index["incident"], self.index["entries"]
        self.evidence = 0
        self.holes: dict[int, int] = {}

    def say(self, problem: str) -> None:
        self.problems.append(problem)

    def listed_files(self) -> None:
        """Every file of the index is there with its bytes, and no other."""
        listed = {INDEX, INDEX_NOTE}
        for one in self.index["files"]:
            listed.add(one["path"])
            if one["path"] not in self.files.names:
                self.say(f"thiếu tệp {one['path']}")
            elif self.files.digest(one["path"]) != one["sha256"]:
                self.say(f"tệp {one['path']} đã bị sửa")
        for name in sorted(self.files.names - listed):
            self.say(f"tệp {name} không có trong mục lục: được thêm vào sau")

    def entries(self) -> list[dict[str, object]]:
        """The chain from its first entry to the last that the index counts."""
        found: list[dict[str, object]] = []
        previous = "0" * 64
        for seq in range(1, self.count + 1):
            try:
                text = self.files.read(f"entries/{seq:05d}.json").decode()
                body = json.loads(text)
                if canonical(body) != text:
                    raise Bad("không đúng dạng chuẩn")
                if (body["incident"], body["seq"]) != (self.code, seq):
                    raise Bad("là mục của nơi khác, hoặc đã đổi thứ tự")
                if body["previous"] != previous:
                    raise Bad("không nối tiếp mục trước: có mục bị sửa, bỏ hoặc chèn vào")
                self.words(seq, body)
            except (Bad, ValueError, KeyError, TypeError) as error:
                self.say(f"mục {seq}: {error if isinstance(error, Bad) else 'không đọc được'}")
                return found
            previous = hashlib.sha256(text.encode()).hexdigest()
            found.append({**body, "hash": previous})
        return found

    def words(self, seq: int, body: dict[str, object]) -> None:
        name = f"words/{seq:05d}.json"
        if name not in self.files.names:
            self.holes[seq] = 0
            return
        words = json.loads(self.files.read(name).decode())
        salt = bytes.fromhex(words["salt"])
        if len(salt) != 16 or sha(salt + words["text"].encode()).hex() != body["text"]:
            raise Bad("lời ghi không đúng với giá trị băm trong chuỗi: đã bị sửa")

    def removed(self, entries: list[dict[str, object]]) -> set[str]:
        """Name the hole of each entry whose words are gone; return evidence that was removed."""
        gone: set[str] = set()
        for entry in entries:
            data = entry["data"]
            if entry["kind"] in REMOVING and isinstance(data, dict):
                gone.update(data.get("evidence", ()))
                for seq in data.get("entries", ()):
                    if seq in self.holes:
                        self.holes[seq] = int(str(entry["seq"]))
                    elif seq <= self.count:
                        self.say(f"mục {seq}: lời ghi đã niêm phong mà vẫn còn")
        for seq, by in self.holes.items():
            if not by:
                self.say(f"mục {seq}: lời ghi bị bỏ mà không mục nào nói ai bỏ")
        return gone

    def places(self, entries: list[dict[str, object]]) -> int:
        """Every entry that has its place in the tree is there under a signed root."""
        proofs = json.loads(self.files.read("proofs.json").decode())
        if not proofs:
            return 0
        note = self.files.read(CHECKPOINT).decode()
        size, root = checkpoint_of(self.key.text_of(note, "dấu kiểm"), "dấu kiểm")
        for entry in entries:
            proof = proofs.get(str(entry["seq"]))
            if proof is None:
                if str(entry["seq"]) not in map(str, self.index["waiting"]):
                    self.say(f"mục {entry['seq']}: thiếu chứng minh vị trí trong cây")
                continue
            leaf = sha(b"\x00" + bytes.fromhex(str(entry["hash"])))
            path = [bytes.fromhex(node) for node in proof["proof"]]
            if not in_tree(proof["place"], size, leaf, path, root):
                self.say(f"mục {entry['seq']}: không nằm trong cây mà dấu kiểm đã ký")
        return size

    def exhibits(self, entries: list[dict[str, object]], gone: set[str]) -> None:
        """Every piece of evidence that an entry took in is there, unless an entry removed it."""
        for entry in entries:
            data = entry["data"]
            if entry["kind"] != "evidence" or not isinstance(data, dict):
                continue
            digest, self.evidence = data["sha256"], self.evidence + 1
            name = f"evidence/{digest}"
            if digest in gone:
                if name in self.files.names:
                    self.say(f"mục {entry['seq']}: chứng cứ đã hủy mà vẫn còn")
            elif name not in self.files.names:
                self.say(f"mục {entry['seq']}: thiếu tệp chứng cứ {digest[:12]}…")
            elif self.files.digest(name) != digest:
                self.say(f"mục {entry['seq']}: tệp chứng cứ {digest[:12]}… đã bị sửa")

    def kept(self, text: str) -> None:
        """A checkpoint that was kept elsewhere: the same key, and no contradiction."""
        size, root = checkpoint_of(self.key.text_of(text, "dấu kiểm giữ ở nơi khác"), "dấu kiểm")
        note = self.files.read(CHECKPOINT).decode()
        mine, my_root = checkpoint_of(self.key.text_of(note, "dấu kiểm"), "dấu kiểm")
        if size == mine and root != my_root:
            self.say("dấu kiểm giữ ở nơi khác ký một cây khác: cơ sở dữ liệu đã bị viết lại")


def run(files: Files, wanted_key: str, kept: str) -> list[str]:
    """Check everything, say what was looked at, and return what does not hold."""
    check = Check(files, wanted_key)
    check.listed_files()
    entries = check.entries()
    gone = check.removed(entries) if len(entries) == check.count else set()
    size = 0
    try:
        size = check.places(entries)
        if len(entries) == check.count:
            check.exhibits(entries, gone)
        if kept:
            check.kept(kept)
    except (Bad, ValueError, KeyError, TypeError) as error:
        check.say(str(error) if isinstance(error, Bad) else f"proofs.json không đọc được ({error})")
    held = f"{check.count} mục, {check.evidence} chứng cứ"
    print(f"Hồ sơ {check.code}: {held}, xuất lúc {check.index['exported_at']}")
    print(f"Khóa đã ký: {check.key.text}")
    print("  (đối chiếu với khóa lấy từ nơi khác; hoặc chạy lại với --key)")
    print(f"Dấu kiểm: cây có {size} mục" if size else "Dấu kiểm: chưa mục nào có chỗ trong cây")
    for seq, by in sorted(check.holes.items()):
        print(f"Mục {seq}: lời ghi đã bỏ, xem mục {by}")
    if check.index["waiting"]:
        print(f"Chưa có chỗ trong cây lúc xuất: mục {', '.join(map(str, check.index['waiting']))}")
    return check.problems


def main(arguments: list[str]) -> int:
    """Read the command line, check, and say the verdict as the last line."""
    options = {"--key": "", "--checkpoint": ""}
    places = []
    rest = iter(arguments)
    for argument in rest:
        if argument in options:
            options[argument] = next(rest, "")
        elif argument.startswith("-"):
            print(__doc__)
            return 2
        else:
            places.append(Path(argument))
    place = places[0] if places else Path(__file__).resolve().parent
    try:
        kept = Path(options["--checkpoint"]).read_text("utf-8") if options["--checkpoint"] else ""
        problems = run(Files(place), options["--key"], kept)
    except Bad as error:
        problems = [str(error)]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the file is the verdict
        problems = [f"không đọc được hồ sơ ({type(error).__name__}: {error})"]
    for problem in problems:
        print(f"SAI: {problem}")
    print(f"KHÔNG KHỚP: {problems[0]}" if problems else "KHỚP: hồ sơ nguyên vẹn, đúng như đã ký.")
    return 1 if problems else 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
