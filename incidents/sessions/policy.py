"""`sessions.yaml`, read and checked, with what is looked up in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from incidents.duties_file import Due, Duty
from incidents.procedure_parts import Names
from incidents.sessions.names import Book, spoken_key
from incidents.sessions.policy_parts import SessionsFile, UnitAlias
from incidents.vietnamese import ZONE
from incidents.yaml_lines import Document, InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from incidents.sessions.model import Session
    from incidents.sessions.policy_parts import ClassPart, Peak, Symptom, Threshold
    from incidents.yaml_lines import Problem

FILE = "sessions.yaml"


@dataclass(frozen=True, slots=True)
class Known:
    """What the other files name; None: not readable, then it is not checked.

    Attributes:
        units: Names by code; `old_names`: what they were called before.
        targets: Of `targets.yaml`.
        classes, roles: Of the procedure.
    """

    units: dict[str, str] | None = None
    old_names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    targets: Collection[str] | None = None
    classes: Collection[str] | None = None
    roles: Collection[str] | None = None


NOTHING_KNOWN = Known()


class SessionPolicy:
    """Everything that a province decides about sessions.

    Args:
        known: Names of units, too: people say them, and they say old ones.
    """

    def __init__(self, file: SessionsFile, known: Known = NOTHING_KNOWN) -> None:
        self.file = file
        self.book = _book(file, known)
        self.symptoms: dict[str, Symptom] = {one.code: one for one in file.symptoms}
        told = {one.incident_class for one in file.symptoms}
        self.of_conferences: frozenset[str] = frozenset({*told, *file.cuts_off})
        self.losing = frozenset(one.code for one in file.symptoms if one.loses)
        self._classes = {one.code: one for one in file.classes}

    def class_of(self, code: str) -> ClassPart:
        """Return what a class asks for; the least one where the file has no such class."""
        return self._classes.get(code) or self.file.classes[-1]  # type: ignore[call-overload]

    def thresholds(self, session_class: str) -> dict[str, Threshold]:
        """Return the thresholds of a class by value."""
        return {**self.file.thresholds, **self.class_of(session_class).thresholds}

    def peaks_at(self, at: datetime) -> list[Peak]:
        """Return the peak periods in which an instant lies."""
        day = at.astimezone(ZONE).date()
        return [peak for peak in self.file.peaks if peak.start <= day <= peak.end]

    def checks_before(self, session: Session) -> tuple[timedelta, ...]:
        """Return how long before the beginning its points are checked, the earliest first."""
        more = (check for peak in self.peaks_at(session.starts_at) for check in peak.checks)
        return tuple(sorted({*self.file.checks, *more}, reverse=True))

    @property
    def duties(self) -> tuple[Duty, ...]:
        """Return the reports of peak periods as recurring duties."""
        return tuple(
            Duty(
                code=f"{peak.code}_{report.code}"[:40], mark="proposed",
                vi=f"{report.vi} ({peak.vi})", en=f"{report.en} ({peak.en})", basis="",
                owner=report.owner, proof=Names(vi="Số báo cáo", en="Number of the report"),
                due=Due(daily=(peak.start, peak.end)), lead_days=1,
            )
            for peak in self.file.peaks
            for report in peak.reports
        )  # fmt: skip

    def clock_percent(self, session_class: str, at: datetime) -> int:
        """Return what part of a live session's terms a class has at an instant."""
        parts = [peak.clock_percent for peak in self.peaks_at(at)]
        return min([self.class_of(session_class).clock_percent, *parts])


def shipped_values() -> dict[str, Any]:
    """Return the values of a file that says nothing."""
    text = files("incidents.procedures").joinpath(FILE).read_text("utf-8")
    value: dict[str, Any] = load(text, file=FILE).value
    return value


def shipped_sessions(units: dict[str, str] | None = None) -> SessionPolicy:
    """Return what holds where the directory says nothing."""
    return load_sessions("", file=FILE, known=Known(units=units))


def load_sessions(text: str, *, file: str, known: Known = NOTHING_KNOWN) -> SessionPolicy:
    """Read and check `sessions.yaml`.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    if document.value is None or isinstance(document.value, dict):
        value = {**shipped_values(), **(document.value or {})}
        document = Document(document.file, value, document.lines, document.problems)
    found = validate(document, SessionsFile)
    problems = [
        *_twice(document, found),
        *_points(document, found, known),
        *_weekly(document, found, known),
        *_words(document, found, known),
    ]
    if problems:
        raise InvalidDocument(problems)
    return SessionPolicy(found, known)


def _book(file: SessionsFile, known: Known) -> Book:
    former = (
        UnitAlias(unit=code, names=tuple(names[:20]))
        for code, names in known.old_names.items()
        if names
    )
    return Book(file.points, (*file.aliases, *former), known.units or {})


def _twice(document: Document, found: SessionsFile) -> Iterator[Problem]:
    """Yield what is given twice; two points of one name or alias could not be told apart."""
    lists: dict[str, list[str]] = {
        "classes": [one.code for one in found.classes],
        "symptoms": [one.code for one in found.symptoms],
        "weekly": [one.code for one in found.weekly],
        "peaks": [one.code for one in found.peaks],
    }
    for section, codes in lists.items():
        for place in _repeats(codes):
            yield document.problem(
                (section, place, "code"),
                f"{codes[place]!r} is there twice",
                f"{codes[place]!r} bị trùng",
            )
    keys = [one.key for one in found.symptoms]
    for place in _repeats(keys):
        yield document.problem(
            ("symptoms", place, "key"),
            f"the key {keys[place]!r} is another symptom's",
            f"phím {keys[place]!r} đã dùng cho hiện tượng khác",
        )
    seen: dict[str, str] = {}
    for place, point in enumerate(found.points):
        for name in (point.name, *point.aliases):
            key = spoken_key(name)
            if seen.setdefault(key, point.name) != point.name or not key:
                yield document.problem(
                    ("points", place, "name"),
                    f"{name!r} is a name of {seen[key]!r}, too; every name means one point",
                    f"{name!r} cũng là tên của {seen[key]!r}; mỗi tên chỉ một điểm cầu",
                )


def _repeats(codes: list[str]) -> Iterator[int]:
    seen: set[str] = set()
    for place, code in enumerate(codes):
        if code in seen:
            yield place
        seen.add(code)


def _points(document: Document, found: SessionsFile, known: Known) -> Iterator[Problem]:
    for place, point in enumerate(found.points):
        path = ("points", place)
        if known.units is not None and point.unit and point.unit not in known.units:
            yield _no_unit(document, (*path, "unit"), point.unit)
        for name, target in (("target", point.target), ("path", point.path)):
            if target and known.targets is not None and target not in known.targets:
                yield _no_target(document, (*path, name), target)
    for place, alias in enumerate(found.aliases):
        if known.units is not None and alias.unit not in known.units:
            yield _no_unit(document, ("aliases", place, "unit"), alias.unit)


def _weekly(document: Document, found: SessionsFile, known: Known) -> Iterator[Problem]:
    book = _book(found, known)
    planned: list[tuple[tuple[str | int, ...], Any]] = [(("default",), found.default)]
    planned += [(("weekly", place), one) for place, one in enumerate(found.weekly)]
    for path, one in planned:
        if one.bridge and known.targets is not None and one.bridge not in known.targets:
            yield _no_target(document, (*path, "bridge"), one.bridge)
        if known.units is None:
            continue
        for name in _unknown_names(book, (*one.points, *([one.main] if one.main else []))):
            yield document.problem(
                (*path, "points"),
                f"there is no point or unit {name!r}; add it to `points`, or as an alias",
                f"không có điểm cầu hay đơn vị {name!r}; thêm vào `points` hoặc `aliases`",
            )


def _unknown_names(book: Book, names: Iterable[str]) -> Iterator[str]:
    return (name for name in names if len(book.find(name)) != 1)


def _words(document: Document, found: SessionsFile, known: Known) -> Iterator[Problem]:
    for place, symptom in enumerate(found.symptoms):
        if known.classes is not None and symptom.incident_class not in known.classes:
            yield document.problem(
                ("symptoms", place, "class"),
                f"{symptom.incident_class!r} is no class of the procedure",
                f"quy trình không có loại {symptom.incident_class!r}",
            )
    for place, code in enumerate(found.cuts_off):
        if known.classes is not None and code not in known.classes:
            yield document.problem(
                ("cuts_off", place),
                f"{code!r} is no class of the procedure",
                f"quy trình không có loại {code!r}",
            )
    for place, peak in enumerate(found.peaks):
        for number, report in enumerate(peak.reports):
            if known.roles is not None and report.owner not in known.roles:
                yield document.problem(
                    ("peaks", place, "reports", number, "owner"),
                    f"{report.owner!r} is no role of the procedure",
                    f"quy trình không có vai trò {report.owner!r}",
                )


def _no_unit(document: Document, path: tuple[str | int, ...], code: str) -> Problem:
    return document.problem(
        path, f"there is no unit {code!r} in units.csv", f"units.csv không có đơn vị {code!r}"
    )


def _no_target(document: Document, path: tuple[str | int, ...], name: str) -> Problem:
    return document.problem(
        path,
        f"there is no target {name!r} in targets.yaml",
        f"targets.yaml không có thiết bị {name!r}",
    )
