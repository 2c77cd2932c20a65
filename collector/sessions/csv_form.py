"""A CSV file as Excel writes it → plans: one line a session, its points between semicolons."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from collector.csv_file import Columns, checked, read_cells
from incidents.conditions import Refused
from incidents.sessions.calendar_file import Wanted, digest_of
from incidents.sessions.model import Session
from incidents.sessions.planning import resolve
from incidents.vietnamese import ZONE, search_key
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from incidents.sessions.policy import SessionPolicy

COLUMNS = Columns(
    "sessions.csv",
    (
        "name", "class", "kind", "starts", "ends", "chair", "main", "points", "bridge",
        "conference", "id",
    ),
    ("name", "starts", "ends", "points"),
)  # fmt: skip
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M")
_FORM_WORDS = "write 2026-11-28 08:00 or 28/11/2026 08:00"
_BRIDGE = re.compile(r"[a-z0-9.-]*")


def read(text: str, policy: SessionPolicy) -> list[Wanted]:
    """Return the sessions of a file; the same name and beginning, or `id`, is the same session.

    Raises:
        InvalidDocument: With every mistake, each with its line and column.
    """
    problems: list[Problem] = []
    found = []
    for line, cells in read_cells(checked(text, COLUMNS.file), COLUMNS, problems):
        try:
            session = _session(cells, policy)
        except _Wrong as wrong:
            problems.append(Problem(COLUMNS.file, line, wrong.column, wrong.why_en, wrong.why_vi))
        except Refused as refused:
            why = (refused.reason_en, refused.reason_vi)
            problems.append(Problem(COLUMNS.file, line, "points", *why))
        else:
            found.append(Wanted(session, digest_of(session)))
    if problems:
        raise InvalidDocument(problems)
    return found


class _Wrong(Exception):
    def __init__(self, column: str, why_en: str, why_vi: str = "") -> None:
        super().__init__(why_en)
        self.column, self.why_en, self.why_vi = column, why_en, why_vi


def _session(cells: dict[str, str], policy: SessionPolicy) -> Session:
    default = policy.file.default
    starts_at, ends_at = _instant("starts", cells["starts"]), _instant("ends", cells["ends"])
    given = cells["class"].upper() or default.session_class
    if given not in ("A", "B", "C"):
        raise _Wrong("class", f"{given!r} is no class; allowed: A, B, C", f"không có hạng {given}")
    if not _BRIDGE.fullmatch(bridge := cells["bridge"].lower()):
        raise _Wrong("bridge", f"{bridge!r} is no name of a target")
    kind = search_key(cells["kind"])
    if kind not in ("", "official", "rehearsal", "chinh thuc", "chay thu", "tong duyet"):
        raise _Wrong("kind", f"{cells['kind']!r}: allowed are official, rehearsal (chạy thử)")
    name = cells["name"][:200]
    known_as = cells["id"] or f"{search_key(name)}|{starts_at.isoformat()}"
    names = [part for part in re.split(r"[;|]", cells["points"]) if part.strip()]
    points = resolve(policy.book, names or default.points, cells["main"] or default.main)
    return Session(
        0, name, given, starts_at, ends_at,  # type: ignore[arg-type]
        kind="rehearsal" if kind in ("rehearsal", "chay thu", "tong duyet") else "official",
        chair=cells["chair"][:200], bridge=bridge or default.bridge,
        conference=cells["conference"][:120] or default.conference,
        occurrence=f"csv:{known_as}", points=points,
    )  # fmt: skip


def _instant(column: str, text: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZONE)
        except ValueError:
            continue
    raise _Wrong(column, f"{text!r}: {_FORM_WORDS}", f"{text!r}: ghi như 28/11/2026 08:00")
