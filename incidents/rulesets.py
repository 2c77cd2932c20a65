"""Which ruleset is in force when: by its days of validity, without gaps and without overlaps.

A ruleset is valid from the beginning of `valid_from` to the end of `valid_to`, where its calendar
is. An incident keeps the one that was in force when it was detected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from incidents.yaml_lines import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incidents.procedure import Procedure
    from incidents.yaml_lines import Document, Problem

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rulesets:
    """One or more rulesets, the earliest first; the first also covers what was before it."""

    procedures: tuple[Procedure, ...]

    @property
    def newest(self) -> Procedure:
        """The last one to come: what rules and runbooks are held against."""
        return self.procedures[-1]

    def at(self, instant: datetime) -> Procedure:
        """Return the ruleset in force at an instant."""
        begun = [p for p in self.procedures if starts_at(p) <= instant]
        return begun[-1] if begun else self.procedures[0]

    def find(self, reference: str) -> Procedure | None:
        """Return the ruleset with this id or digest (its first twelve characters will do)."""
        for procedure in reversed(self.procedures):
            if reference == procedure.id or is_digest_of(reference, procedure.digest):
                return procedure
        return None

    def after(self, running: Procedure, now: datetime) -> Rulesets:
        """Return these with `running` before them, where none of them is in force yet."""
        if starts_at(self.procedures[0]) <= now:
            return self
        return Rulesets((running, *self.procedures))


def only(procedure: Procedure) -> Rulesets:
    """Return the rulesets of a directory that has one."""
    return Rulesets((procedure,))


def starts_at(procedure: Procedure) -> datetime:
    """Return the instant at which a ruleset comes into force."""
    zone = ZoneInfo(procedure.calendar.zone)
    return datetime.combine(procedure.file.valid_from, time(0), tzinfo=zone).astimezone(UTC)


def is_digest_of(reference: str, digest: str) -> bool:
    """Say whether somebody means this digest: at least its first twelve characters."""
    return len(reference) >= 12 and digest.startswith(reference)


def arranged(found: Iterable[tuple[Document, Procedure]]) -> Rulesets:
    """Return rulesets in order of their validity.

    Raises:
        InvalidDocument: There is a gap or an overlap, an id is used twice, or the last one ends.
    """
    ordered = sorted(found, key=lambda pair: pair[1].file.valid_from)
    problems = [*_neighbours(ordered), *_the_end(ordered[-1])]
    if problems:
        raise InvalidDocument(problems)
    return Rulesets(tuple(procedure for _, procedure in ordered))


def _neighbours(ordered: Sequence[tuple[Document, Procedure]]) -> Iterable[Problem]:
    ids: set[str] = set()
    for document, procedure in ordered:
        if procedure.id in ids:
            yield document.problem(
                ("id",),
                f"{procedure.id!r} is the id of another ruleset as well; each needs its own",
                f"mã {procedure.id!r} bị trùng với quy trình khác",
            )
        ids.add(procedure.id)
    for (_, earlier), (document, later) in pairwise(ordered):
        begins, ends = later.file.valid_from, earlier.file.valid_to
        if ends is not None and begins == ends + _DAY:
            continue
        wanted = begins - _DAY
        what = "overlaps" if ends is None or begins <= ends else "leaves a gap after"
        what_vi = "trùng thời gian với" if what == "overlaps" else "để trống thời gian sau"
        yield document.problem(
            ("valid_from",),
            f"{begins} given: {later.id} {what} {earlier.id}, which is valid to {ends}; either "
            f"{earlier.id} has `valid_to: {wanted}`, or this one starts the day after its end",
            f"{begins}: {later.id} {what_vi} {earlier.id} (hiệu lực đến {ends})",
        )


def _the_end(last: tuple[Document, Procedure]) -> Iterable[Problem]:
    document, procedure = last
    if procedure.file.valid_to is not None:
        yield document.problem(
            ("valid_to",),
            f"{procedure.file.valid_to} given: nothing would be in force afterwards; write null, "
            "or add the ruleset that follows it under procedures/",
            f"sau {procedure.file.valid_to} không còn quy trình nào có hiệu lực",
        )
