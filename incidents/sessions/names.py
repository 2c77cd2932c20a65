"""What people call a point: by name, alias, unit, number, or two to four letters without marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.model import Point
from incidents.vietnamese import search_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incidents.sessions.policy_parts import PointPart, UnitAlias

_Names = dict[str, dict[tuple[str, str], Point]]
# Said before the name of a place and left out as often.
_KINDS = (
    "diem cau",
    "dang uy",
    "thanh uy",
    "huyen uy",
    "thi uy",
    "xa",
    "phuong",
    "thi tran",
    "dac khu",
)


def spoken_key(name: str) -> str:
    """Return a name as it is compared: no marks, no case, words by single spaces."""
    plain = search_key(name)
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def _bare(key: str) -> str:
    for kind in _KINDS:
        if key.startswith(kind + " "):
            return _bare(key.removeprefix(kind + " "))
    return key


def fits(typed: str, name: str) -> bool:
    """Say whether what somebody typed means a name: its beginning, or letters of its words.

    "hth" finds Hàm Thuận: each letter continues a word or begins the next one.
    """
    letters, key = spoken_key(typed).replace(" ", ""), _bare(spoken_key(name))
    return bool(letters) and _runs(letters, key.split(" "))


def _runs(letters: str, words: Sequence[str]) -> bool:
    """Say whether letters are beginnings of words in order, the first word among them."""
    if not letters:
        return True
    if not words:
        return False
    longest = 0
    while longest < min(len(words[0]), len(letters)) and words[0][longest] == letters[longest]:
        longest += 1
    return any(
        _runs(letters[taken:], words[skip:])
        for taken in range(longest, 0, -1)
        for skip in range(1, len(words) + 1 if letters[taken:] else 2)
    )


def found_by(typed: str, points: Iterable[Point]) -> list[Point]:
    """Return the points that somebody means by a number or some letters, the best first."""
    points = list(points)
    if typed.strip().isdecimal():
        return [point for point in points if point.order == int(typed)]
    key = spoken_key(typed)
    exact = [point for point in points if spoken_key(point.name) == key]
    begun = exact or [point for point in points if fits(typed, point.name)]
    return begun or [point for point in points if key and key in spoken_key(point.name)]


class Book:
    """The points of `sessions.yaml`, and every unit as a point of its own name.

    Attributes:
        units: Names by code.
    """

    def __init__(
        self,
        points: Iterable[PointPart],
        aliases: Iterable[UnitAlias],
        units: Mapping[str, str],
    ) -> None:
        self.units = dict(units)
        self.points = tuple(_point(part) for part in points)
        self._named: _Names = {}
        self._of_units: _Names = {}
        for part, point in zip(points, self.points, strict=True):
            _know(self._named, point, (part.name, *part.aliases))
        for alias in aliases:
            for point in self._of_unit(alias.unit):
                _know(self._of_units, point, alias.names)
        for code, name in units.items():
            for point in self._of_unit(code):
                _know(self._of_units, point, (code, name))

    def find(self, said: str) -> list[Point]:
        """Return the points that a name means: one, or several to choose from, or none.

        What a point is called itself comes before what its unit is called.
        """
        key = spoken_key(said)
        for names in (self._named, self._of_units):
            found = names.get(key) or names.get(_bare(key))
            if found:
                return list(found.values())
        return []

    def _of_unit(self, code: str) -> list[Point]:
        listed = [point for point in self.points if point.unit == code]
        return listed or [Point(0, code, self.units.get(code, code))]


def _know(table: _Names, point: Point, names: Iterable[str]) -> None:
    for name in names:
        key = spoken_key(name)
        for one in {key, _bare(key)} - {""}:
            table.setdefault(one, {})[point.unit, point.name] = point


def _point(part: PointPart) -> Point:
    return Point(
        0, part.unit, part.name, target=part.target, path=part.path, way=part.way,
        technician=part.technician, phone=part.phone, second=part.second,
        second_phone=part.second_phone,
    )  # fmt: skip
