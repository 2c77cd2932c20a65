"""One ruleset over another: `extends:` names the shipped one below, `without:` what it drops.

Maps are merged key by key, lists whose items have a `code` item by item, everything else is
replaced. The result is one document, which still knows in which file and line each value stands.

    extends: vn-2026
    without: {deadlines: [legacy_5d]}
    deadlines:
      - {code: ack, due: {S1: 3 min}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidents.yaml_lines import Document, InvalidDocument, load

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from incidents.yaml_problems import Problem

Path = tuple[str | int, ...]
EXTENDS, WITHOUT, CODE = "extends", "without", "code"


def layered(
    document: Document, base_text: Callable[[str], str], allowed: Collection[str]
) -> Document:
    """Return the document over the one that it extends; one that extends nothing as it is.

    Raises:
        InvalidDocument: What it extends is not there, or what it drops is not in it.
    """
    top = document.value
    if not isinstance(top, dict) or EXTENDS not in top:
        return document
    name = top[EXTENDS]
    if not isinstance(name, str) or name not in allowed:
        listed = ", ".join(allowed)
        raise InvalidDocument(
            [
                document.problem(
                    (EXTENDS,),
                    f"{name!r} given; allowed: {listed}",
                    f"{name!r} không hợp lệ; cho phép: {listed}",
                )
            ]
        )
    base = layered(load(base_text(name), file=f"{name}.yaml"), base_text, allowed)
    merger = _Merger(base, document)
    value = merger.merged(merger.reduced(), top, (), (), ())
    value.pop(EXTENDS, None)
    value.pop(WITHOUT, None)
    problems = (*base.problems, *document.problems, *merger.problems)
    return Document(document.file, value, merger.lines, problems, merger.files)


class _Merger:
    """Merges two documents, keeping for each path of the result where it stands."""

    def __init__(self, base: Document, top: Document) -> None:
        self.base, self.top = base, top
        self.lines: dict[Path, int] = {}
        self.files: dict[Path, str] = {}
        self.problems: list[Problem] = []

    def reduced(self) -> dict[str, Any]:
        """Return the value below without what the one above drops."""
        value = dict(self.base.value)
        dropped = self.top.value.get(WITHOUT) or {}
        if not isinstance(dropped, dict):
            self._complain((WITHOUT,), "give a list of codes for each part, such as deadlines")
            return value
        for part, codes in dropped.items():
            here = (WITHOUT, part)
            known = _codes(value.get(part))
            if not isinstance(codes, list) or not known:
                self._complain(here, "give a list of codes of a part of what is extended")
                continue
            for i, code in enumerate(codes):
                if code not in known:
                    listed = ", ".join(known)
                    self._complain((*here, i), f"{code!r} is not there; allowed: {listed}")
            value[part] = _kept(value[part], codes)
        return value

    def _complain(self, path: Path, message: str) -> None:
        self.problems.append(self.top.problem(path, message))

    def merged(self, below: Any, above: Any, at: Path, below_at: Path, above_at: Path) -> Any:
        """Return `above` over `below`; the paths say where each stands, and the result."""
        self._note(self.top, above_at, at)
        if isinstance(below, dict) and isinstance(above, dict):
            value = {}
            for key in [*below, *(key for key in above if key not in below)]:
                there, over, under = (*at, key), (*above_at, key), (*below_at, key)
                if key not in above:
                    value[key] = self._copy(self.base, below[key], under, there)
                elif key not in below:
                    value[key] = self._copy(self.top, above[key], over, there)
                else:
                    value[key] = self.merged(below[key], above[key], there, under, over)
            return value
        if _is_coded(below) and _is_coded(above):
            return self._merged_items(below, above, at, below_at, above_at)
        return self._copy(self.top, above, above_at, at)

    def _merged_items(
        self, below: list[Any], above: list[Any], at: Path, below_at: Path, above_at: Path
    ) -> list[Any]:
        """Items of one code are merged, in the order below; new ones follow."""
        places = _codes(self._original(below_at))
        over: dict[Any, int] = {}
        for i, item in enumerate(above):
            over.setdefault(item[CODE], i)
        first = set(over.values())
        items: list[Any] = []
        for item in below:
            there, under = (*at, len(items)), (*below_at, places.index(item[CODE]))
            place = over.pop(item[CODE], None)
            if place is None:
                items.append(self._copy(self.base, item, under, there))
            else:
                items.append(self.merged(item, above[place], there, under, (*above_at, place)))
        for i, item in enumerate(above):  # new ones, and a code that was given twice
            if over.get(item[CODE]) == i or i not in first:
                there = (*at, len(items))
                items.append(self._copy(self.top, item, (*above_at, i), there))
        return items

    def _original(self, path: Path) -> Any:
        """Return the value below as it was read, before anything was dropped from it."""
        value = self.base.value
        for part in path:
            value = value[part]
        return value

    def _copy(self, source: Document, value: Any, source_at: Path, at: Path) -> Any:
        self._note(source, source_at, at)
        if isinstance(value, dict):
            return {
                key: self._copy(source, item, (*source_at, key), (*at, key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [
                self._copy(source, item, (*source_at, i), (*at, i)) for i, item in enumerate(value)
            ]
        return value

    def _note(self, source: Document, source_at: Path, at: Path) -> None:
        self.lines[at] = source.line_of(source_at)
        file = source.file_of(source_at)
        if file != self.top.file:
            self.files[at] = file


def _is_coded(value: object) -> bool:
    """Say whether a value is a list of items that each have a code."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and isinstance(item.get(CODE), str) for item in value
    )


def _codes(value: object) -> list[str]:
    if isinstance(value, dict):
        return list(value)
    return [item[CODE] for item in value] if isinstance(value, list) and _is_coded(value) else []


def _kept(value: Any, dropped: list[object]) -> Mapping[str, Any] | list[Any]:
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key not in dropped}
    return [item for item in value if item[CODE] not in dropped]
