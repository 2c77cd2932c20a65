"""What must agree between the parts of a procedure; each mistake with its file, line and field."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incidents.procedure_checks_acts import check_acts
from incidents.procedure_clock_checks import check_clocks
from incidents.procedure_evidence import check_evidence

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from incidents.procedure_file import ProcedureFile, Stage
    from incidents.yaml_lines import Document, Problem

Path = tuple[str | int, ...]
# The names that channels, pages and the law's own clocks use; a province names them, not renames.
SEVERITIES = ("S1", "S2", "S3", "S4")
ACKNOWLEDGE = "ack"
EVIDENCE, ISOLATION = "chung_cu", "co_lap"


def check(document: Document, file: ProcedureFile) -> list[Problem]:
    """Return every contradiction in a procedure whose fields are each well-formed."""
    checker = _Checker(document, file)
    return [
        *checker.codes_are_unique(),
        *checker.severities_are_known(),
        *checker.matrix_is_complete(),
        *checker.classes_name_what_exists(),
        *checker.transitions_lead_somewhere(),
        *check_acts(checker.known, file),
        *check_evidence(checker.known, file),
        *checker.stages_connect(),
        *checker.deadlines_name_what_exists(),
        *checker.calendar_is_usable(),
        *checker.order_is_lawful(),
        *check_clocks(document, file),
    ]


class _Checker:
    def __init__(self, document: Document, file: ProcedureFile) -> None:
        self.document = document
        self.file = file
        self.stages = {stage.code: stage for stage in file.stages}
        self.roles = {role.code for role in file.roles}

    def known(self, path: Path, value: str | None, allowed: Iterable[str]) -> Iterator[Problem]:
        names = list(allowed)
        if value is not None and value not in names:
            listed = ", ".join(names)
            yield self.document.problem(
                path,
                f"{value!r} is not defined; allowed: {listed}",
                f"{value!r} chưa được khai báo; cho phép: {listed}",
            )

    def codes_are_unique(self) -> Iterator[Problem]:
        for name in (
            "classes", "roles", "activities", "stages", "modifiers", "deadlines", "live_session",
            "reports", "flows",
        ):  # fmt: skip
            seen: set[str] = set()
            for i, part in enumerate(getattr(self.file, name)):
                if part.code in seen:
                    yield self.document.problem(
                        (name, i, "code"),
                        f"the code {part.code!r} is used twice in {name}; each needs its own",
                        f"mã {part.code!r} bị trùng trong {name}",
                    )
                seen.add(part.code)

    def severities_are_known(self) -> Iterator[Problem]:
        if tuple(self.file.severities) != SEVERITIES:
            yield self.document.problem(
                ("severities",),
                f"{', '.join(self.file.severities)} given; allowed: S1, S2, S3, S4, worst first",
                "phải là S1, S2, S3, S4, nặng nhất trước",
            )

    def matrix_is_complete(self) -> Iterator[Problem]:
        file, cells = self.file, self.file.matrix.cells
        for impact in file.impacts:
            for scope in file.scopes:
                if scope not in cells.get(impact, {}):
                    yield self.document.problem(
                        ("matrix", "cells", impact),
                        f"the cell {impact} × {scope} is missing; give one of "
                        + ", ".join(file.severities),
                        f"thiếu ô {impact} × {scope}",
                    )
        for impact, row in cells.items():
            yield from self.known(("matrix", "cells", impact), impact, file.impacts)
            for scope, severity in row.items():
                path = ("matrix", "cells", impact, scope)
                yield from self.known(path, scope, file.scopes)
                yield from self.known(path, severity, file.severities)
        yield from self.known(("several_units_scope",), file.several_units_scope, file.scopes)

    def classes_name_what_exists(self) -> Iterator[Problem]:
        file = self.file
        tables: dict[str, Container[str] | Iterable[str]] = {
            "impact": file.impacts,
            "nature": file.natures,
            "group": file.groups,
            "statistics": file.statistics,
            "root_cause": file.root_causes,
        }
        for i, incident_class in enumerate(file.classes):
            for field, table in tables.items():
                value = getattr(incident_class, field)
                yield from self.known(("classes", i, field), value, table)  # type: ignore[arg-type]

    def transitions_lead_somewhere(self) -> Iterator[Problem]:
        for i, stage in enumerate(self.file.stages):
            for j, transition in enumerate(stage.next):
                path = ("stages", i, "next", j)
                yield from self.known((*path, "to"), transition.to, self.stages)
                yield from self.known((*path, "role"), transition.role, self.roles)
                for need, severities in transition.severities.items():
                    here = (*path, "severities", need)
                    yield from self.known(here, need, transition.needs)
                    for severity in severities:
                        yield from self.known(here, severity, self.file.severities)

    def stages_connect(self) -> Iterator[Problem]:
        file = self.file
        for field in ("start", "acknowledged", "restored", "closed"):
            yield from self.known((field,), getattr(file, field), self.stages)
        if not {file.start, file.acknowledged, file.closed} <= self.stages.keys():
            return
        if file.acknowledged not in {t.to for t in self.stages[file.start].next}:
            yield self.document.problem(
                ("acknowledged",),
                f"{file.start!r} has no transition to {file.acknowledged!r}: nobody could "
                "acknowledge; add one",
                f"{file.start!r} không chuyển được sang {file.acknowledged!r}",
            )
        reached = self._reached(file.start)
        for i, stage in enumerate(file.stages):
            if stage.code not in reached:
                yield self._stage_problem(i, stage, "cannot be reached from", file.start)
            elif not any(self.stages[code].ends for code in self._reached(stage.code)):
                yield self._stage_problem(i, stage, "never leads to an end from", stage.code)

    def _stage_problem(self, i: int, stage: Stage, what: str, start: str) -> Problem:
        return self.document.problem(
            ("stages", i, "code"),
            f"the stage {stage.code!r} {what} {start!r}; add a transition or remove it",
            f"giai đoạn {stage.code!r} không nối được với quy trình",
        )

    def _reached(self, start: str) -> set[str]:
        reached, waiting = {start}, [start]
        while waiting:
            stage = self.stages.get(waiting.pop())
            for transition in stage.next if stage else ():
                if transition.to in self.stages and transition.to not in reached:
                    reached.add(transition.to)
                    waiting.append(transition.to)
        return reached

    def deadlines_name_what_exists(self) -> Iterator[Problem]:
        file = self.file
        if ACKNOWLEDGE not in {deadline.code for deadline in file.deadlines}:
            yield self.document.problem(
                ("deadlines",),
                f"the deadline {ACKNOWLEDGE!r} is missing: nobody would be told to acknowledge",
                f"thiếu thời hạn {ACKNOWLEDGE!r}",
            )
        for i, deadline in enumerate(file.deadlines):
            yield from self.known(("deadlines", i, "who"), deadline.who, self.roles)
            for severity in deadline.due:
                yield from self.known(("deadlines", i, "due", severity), severity, file.severities)
            for severity in file.severities:
                if severity not in deadline.due:
                    yield self.document.problem(
                        ("deadlines", i, "due"),
                        f"{severity} is missing; give a term, daily, monthly or null",
                        f"thiếu {severity}",
                    )
        for i, severity in enumerate(file.quick_close.severities):
            path = ("quick_close", "severities", i)
            yield from self.known(path, severity, file.severities)

    def order_is_lawful(self) -> Iterator[Problem]:
        """Evidence comes before isolation (NĐ 333/2026 Đ9.2); roles and letters exist."""
        file = self.file
        yield from self.known(("confirmed_by",), file.confirmed_by, self.roles)
        outside = [role.code for role in file.roles if role.outside]
        for i, role in enumerate(file.first_told or ()):
            yield from self.known(("first_told", i), role, outside)
        letters = [activity.letter for activity in file.activities]
        for i, stage in enumerate(file.stages):
            for j, letter in enumerate(stage.basis):
                yield from self.known(("stages", i, "basis", j), letter, letters)
        order = [activity.code for activity in file.activities]
        if not {EVIDENCE, ISOLATION} <= set(order) or order.index(EVIDENCE) > order.index(
            ISOLATION
        ):
            yield self.document.problem(
                ("activities",),
                f"{EVIDENCE!r} (preserve evidence) must be there, before {ISOLATION!r} (isolate)",
                f"{EVIDENCE!r} phải có và đứng trước {ISOLATION!r}",
            )
        for i, modifier in enumerate(file.modifiers):
            path = ("modifiers", i, "at_least")
            yield from self.known(path, modifier.at_least, file.severities)
        for i, flow in enumerate(file.flows):
            for j, step in enumerate(flow.steps):
                for k, code in enumerate(step.stages):
                    yield from self.known(("flows", i, "steps", j, "stages", k), code, self.stages)

    def calendar_is_usable(self) -> Iterator[Problem]:
        calendar = self.file.calendar
        try:
            ZoneInfo(calendar.zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield self.document.problem(
                ("calendar", "zone"),
                f"{calendar.zone!r} is not a zone; give a name such as Asia/Ho_Chi_Minh",
                f"không có múi giờ {calendar.zone!r}",
            )
        if [h.start for h in calendar.hours] != sorted({h.start for h in calendar.hours}):
            yield self.document.problem(
                ("calendar", "hours"), "`from` must grow from row to row", "`from` phải tăng dần"
            )
