"""Vietnamese words, dates and numbers: how they are ordered, searched and written.

A sort key is plain ASCII whose *byte* order is the right order: SQLite compares so by itself, a
PostgreSQL column needs COLLATE "C" (`collector.storage.schema.SortKey` says it once for both).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from incidents.vietnamese_tones import LOOKALIKES, one_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

T = TypeVar("T")

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

# Letters in dictionary order; f, j, w and z stand where foreign words put them.
LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACE = {letter: chr(ord("A") + place) for place, letter in enumerate(LETTERS)}
# Marks after decomposition: those that make another letter, and the tones after "ngang" (0).
_SHAPES = {"\u0306", "\u0302", "\u031b"}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# Stands for one letter of which the mark is not known; a private character, no text has it.
ANY = "\ue000"
_LOOSE = dict.fromkeys(map(ord, "adeiouy"), ANY)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

# Places of the key's alphabet, in ASCII order: end of letters, gap, numbers by length, letters.
_END, _GAP, _NUMBER, _OTHER = " ", "!", '"', "~"
_MAX_DIGITS = ord("@") - ord(_NUMBER)


def sort_key(text: str) -> str:
    """Return the ASCII key of `text`: letters first, tones second, case never, numbers by value."""
    letters: list[str] = []
    tones: list[str] = []
    for token in re.findall(r"[0-9]+|[^0-9]", _folded(one_form(text))):
        if token.isascii() and token.isdecimal():
            digits = (token.lstrip("0") or "0")[:_MAX_DIGITS]
            letters.append(chr(ord(_NUMBER) + len(digits)) + digits)
            tones.append("0")
        elif unicodedata.category(token).startswith("M"):
            tones[-1:] = [_TONES.get(token, tone) for tone in tones[-1:]]
        elif place := _letter(token, previous=letters[-1] if letters else _GAP):
            letters.append(place)
            tones.append("0")
    primary = "".join(letters).rstrip(_GAP)
    return primary + _END + "".join(tones).rstrip("0")


def search_key(text: str) -> str:
    """Return `text` without marks, in lower case, with single spaces: "Sự cố" → "su co"."""
    plain = unicodedata.normalize("NFKD", text.translate(LOOKALIKES).casefold())
    kept = "".join(c for c in plain if not unicodedata.category(c).startswith("M"))
    return " ".join(kept.replace("đ", "d").split())


def marks_key(text: str) -> str:
    """Return `text` with its marks in one form, in lower case: what exact marks are found in."""
    return " ".join(one_form(text.casefold()).split())


def person_sort_key(name: str) -> str:
    """Return the key of a person: the given name, which stands last, then the rest from left."""
    *before, given = name.split() or [""]
    return f"{sort_key(given)} {sort_key(' '.join(before))}"


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for: every word must be there, in any order, in part or whole.

    Attributes:
        words: Without marks, as they stand in a `search_key`.
        marked: For each word the ways in which a `marks_key` may have it.
    """

    words: tuple[str, ...] = ()
    marked: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything is looked for."""
        return bool(self.words)

    @property
    def loose(self) -> tuple[tuple[str, ...], ...]:
        """Return `marked` with ANY where a mark may have been left out."""
        return tuple(tuple(word.translate(_LOOSE) for word in forms) for forms in self.marked)

    def finds(self, text: str) -> bool:
        """Say whether every word is in `text`, whatever the marks."""
        plain = search_key(text)
        return all(word in plain for word in self.words)

    def rank(self, text: str) -> int:
        """Return 0 where `text` has the very marks, 1 where it has more of them, else 2."""
        marks = marks_key(text)
        if all(any(form in marks for form in forms) for forms in self.marked):
            return 0
        patterns = [[re.escape(form).replace(ANY, ".") for form in forms] for forms in self.loose]
        return 1 if all(re.search("|".join(forms), marks) for forms in patterns) else 2


NOTHING = Search()


def search_of(query: str) -> Search:
    """Return what a query looks for; nothing in an empty one."""
    words = unicodedata.normalize("NFC", query.casefold()).split()
    forms = [tuple(dict.fromkeys((marks_key(word), word.translate(LOOKALIKES)))) for word in words]
    return Search(tuple(search_key(query).split()), tuple(forms))


def ranked(items: Iterable[T], search: Search, text_of: Callable[[T], str]) -> list[T]:
    """Return the items that a search finds, exact marks first, else in the order they came."""
    found = [item for item in items if search.finds(text_of(item))]
    return sorted(found, key=lambda item: search.rank(text_of(item)))


def local_time(at: datetime) -> str:
    """Return an instant as people here read it: "24/11/2026 07:30"."""
    return at.astimezone(ZONE).strftime("%d/%m/%Y %H:%M")


def long_day(of: date) -> str:
    """Return a day as documents write it: "ngày 05 tháng 3 năm 2026" (NĐ 30/2020/NĐ-CP)."""
    month = f"{of.month:02d}" if of.month < 3 else str(of.month)
    return f"ngày {of.day:02d} tháng {month} năm {of.year}"


def read_day(text: str) -> date | None:
    """Return the day of "05/03/2026" or "2026-03-05"; None where it is neither."""
    try:
        if found := _DAY_FIRST.fullmatch(text.strip()):
            day, month, year = (int(part) for part in found.groups())
            return date(year, month, day)
        read = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return read if read.isoformat() == text.strip() else None


def number(value: float, decimals: int = 0) -> str:
    """Return a number with points between thousands and a decimal comma: "1.234,5".

    A half is rounded up, as people recompute it: 1.25 with one decimal is "1,3".
    """
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{exact:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def _folded(text: str) -> str:
    """Lower case; marks that shape a letter joined to it, tones left apart behind the letter."""
    out: list[str] = []
    decomposed = unicodedata.normalize("NFD", text.translate(LOOKALIKES).casefold())
    for character in decomposed:
        if character in _SHAPES and out:
            base = len(out) - 1
            while base and out[base] in _TONES:
                base -= 1
            joined = unicodedata.normalize("NFC", out[base] + character)
            out[base] = joined if joined in _PLACE else out[base]
        else:
            out.append(character)
    return "".join(out)


def _letter(character: str, *, previous: str) -> str:
    if character in _PLACE:
        return _PLACE[character]
    if character.isalnum():
        return f"{_OTHER}{ord(character):06x}"
    return "" if previous in (_GAP, "") else _GAP
