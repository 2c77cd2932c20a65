"""What must agree between deadlines, what meets them, what starts them, and who is warned."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from incidents.procedure_clocks import BACKUP, BY_HAND, DUE, MET_BY, OWNER, SCREEN, TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from incidents.procedure_clocks import Deadline
    from incidents.procedure_file import ProcedureFile
    from incidents.yaml_lines import Document, Problem

Path = tuple[str | int, ...]
# A clock towards the ministry's agency never runs for cipher incidents (NĐ 333/2026 Đ9.4).
OF_THE_AGENCY, CIPHER = "bca_", "mat_ma"


def check_clocks(document: Document, file: ProcedureFile) -> Iterator[Problem]:
    """Yield every contradiction between the clocks of a procedure and its other parts."""
    checker = _ClockChecker(document, file)
    for i, deadline in enumerate(file.deadlines):
        yield from checker.of_deadline(("deadlines", i), deadline)
    yield from checker.of_grounds()
    yield from checker.of_warnings()
    for i, duty in enumerate(file.live_session):
        yield from checker.known(("live_session", i, "who"), duty.who, checker.roles)
        made = duty.as_deadline(file.severities)
        if made is not None:
            yield from checker.of_deadline(("live_session", i), made)


class _ClockChecker:
    def __init__(self, document: Document, file: ProcedureFile) -> None:
        self.document, self.file = document, file
        self.roles = [role.code for role in file.roles]
        self.stages = [stage.code for stage in file.stages]

    def known(self, path: Path, value: str | None, allowed: Iterable[str]) -> Iterator[Problem]:
        names = list(allowed)
        if value is not None and value not in names:
            listed = ", ".join(names) or "none is defined"
            yield self.document.problem(
                path,
                f"{value!r} is not defined; allowed: {listed}",
                f"{value!r} chưa được khai báo; cho phép: {listed}",
            )

    def of_deadline(self, path: Path, deadline: Deadline) -> Iterator[Problem]:
        file = self.file
        yield from self.known((*path, "ground"), deadline.ground, file.grounds)
        yield from self.known((*path, "report"), deadline.report, [r.code for r in file.reports])
        yield from self.known((*path, "tells"), deadline.tells, self.roles)
        if (TOLD in deadline.met_by) != (deadline.tells is not None):
            yield self.document.problem(
                (*path, "tells"),
                f"{deadline.code}: `tells` names the role, {TOLD!r} in `met_by` that it counts",
                f"{deadline.code}: cần cả `tells` và {TOLD!r} trong `met_by`",
            )
        for i, nature in enumerate(deadline.not_for):
            yield from self.known((*path, "not_for", i), nature, file.natures)
        for i, what in enumerate(deadline.met_by):
            yield from self.known((*path, "met_by", i), what, [*MET_BY, *self.stages])
        if deadline.code.startswith(OF_THE_AGENCY) and CIPHER not in deadline.not_for:
            yield self.document.problem(
                (*path, "not_for"),
                f"{deadline.code} must name {CIPHER}: cipher incidents are reported under cipher "
                "law alone (NĐ 333/2026 Đ9.4)",
                f"{deadline.code} phải loại trừ {CIPHER} (NĐ 333/2026 Đ9.4)",
            )
        if deadline.is_legal and (deadline.repeats or deadline.start != "detection"):
            yield self.document.problem(
                (*path, "from"),
                f"{deadline.code} is a clock of law: it runs once, from detection",
                f"{deadline.code} là thời hạn theo quy định: chỉ tính một lần, từ lúc phát hiện",
            )
        if deadline.repeats and BY_HAND not in deadline.met_by:
            yield self.document.problem(
                (*path, "met_by"),
                f"{deadline.code} repeats: each time is met {BY_HAND}",
                f"{deadline.code} lặp lại: mỗi lần phải ghi bằng tay ({BY_HAND})",
            )

    def of_grounds(self) -> Iterator[Problem]:
        file = self.file
        for code, ground in file.grounds.items():
            for i, implied in enumerate(ground.implies):
                yield from self.known(("grounds", code, "implies", i), implied, file.grounds)
        codes = [deadline.code for deadline in file.deadlines]
        path: Path = ("reportable", "decided_with")
        yield from self.known(path, file.reportable.decided_with, codes)
        for severity, grounds in file.reportable.presumed.items():
            here = ("reportable", "presumed", severity)
            yield from self.known(here, severity, file.severities)
            for i, ground_code in enumerate(grounds):
                yield from self.known((*here, i), ground_code, file.grounds)

    def of_warnings(self) -> Iterator[Problem]:
        points = self.file.warnings.points
        for i, point in enumerate(points):
            allowed = [SCREEN, OWNER, BACKUP, *self.roles]
            yield from self.known(("warnings", "points", i, "tell"), point.tell, allowed)
        for i, (one, other) in enumerate(pairwise(points)):
            if one.percent >= other.percent:
                yield self.document.problem(
                    ("warnings", "points", i + 1, "percent"),
                    f"{other.percent} given after {one.percent}; points must grow",
                    f"{other.percent} sau {one.percent}; các mốc phải tăng dần",
                )
        if not any(point.percent == DUE and point.tell != SCREEN for point in points):
            yield self.document.problem(
                ("warnings", "points"),
                f"nobody is told at {DUE} %: a deadline would pass in silence; add a point",
                f"không ai được báo ở mốc {DUE} %",
            )
