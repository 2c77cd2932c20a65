"""Escalation policies of `oncall.yaml`: who is called first, who next, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from incidents.oncall_schedules import LOCAL, PROVINCE, RESERVED, some
from incidents.policy_parts import Duration, Line, Severity
from incidents.procedure_parts import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import timedelta

    from incidents.contacts import Contacts
    from incidents.oncall_schedules import Schedule
    from incidents.yaml_lines import Document, Path, Problem

TargetPost = Literal["primary", "backup", "both"]


class Target(Part):
    """Who belongs to a level: a post of a schedule, a person, or who holds a role.

    Attributes:
        schedule: A name, or `local` or `province`.
        post: Of the schedule; of a role: those who hold it, or those who stand in for them.
    """

    schedule: Line = ""
    post: TargetPost = "primary"
    person: Line = ""
    role: Line = ""

    @model_validator(mode="after")
    def _one_way(self) -> Target:
        if sum(bool(way) for way in (self.schedule, self.person, self.role)) != 1:
            raise ValueError("give exactly one of schedule, person, role")
        return self


class Level(Part):
    """Those who are called together.

    Attributes:
        after: How long after the level before was first called; unset: after so many unanswered
            calls as the policy says. Never at once by omission.
        all_must_acknowledge: Calls go on until each of them has acknowledged.
    """

    targets: Annotated[tuple[Target, ...], AfterValidator(some)] = Field(max_length=20)
    after: Duration | None = None
    all_must_acknowledge: bool = False


class EscalationPolicy(Part):
    """For which incidents, whom to call in which order. The first that fits an incident holds.

    Attributes:
        severities, natures, classes, regions: Empty: all.
        in_session: Only what is in the path of a conference session or its pre-check.
        calls: Unanswered calls of a level before the next one is called.
        repeat: How long between two calls; unset: as in `channels.yaml`.
        acknowledgement_expires: Unset: as in `channels.yaml`.
    """

    name: Line = Field(min_length=1, max_length=40)
    severities: frozenset[Severity] = frozenset()
    natures: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    in_session: bool = False
    levels: Annotated[tuple[Level, ...], AfterValidator(some)] = Field(max_length=10)
    calls: int = Field(default=2, ge=1, le=20)
    repeat: dict[Severity, Duration] = Field(default_factory=dict)
    acknowledgement_expires: dict[Severity, Duration] = Field(default_factory=dict)

    def fits(
        self,
        severity: str,
        nature: str,
        class_code: str,
        region: str,
        *,
        in_session: bool = False,
    ) -> bool:
        """Say whether an incident goes by this policy."""
        return (
            (in_session or not self.in_session)
            and (not self.severities or severity in self.severities)
            and (not self.natures or nature in self.natures)
            and (not self.classes or class_code in self.classes)
            and (not self.regions or region in self.regions)
        )

    def step_up_after(self, number: int, every: timedelta) -> timedelta:
        """Return how long after level `number` was first called (from 1) the next one is.

        Args:
            every: How long between two calls.
        """
        following = self.levels[number] if number < len(self.levels) else None
        if following is not None and following.after is not None:
            return following.after
        return self.calls * every


def level_problems(
    document: Document,
    policies: tuple[EscalationPolicy, ...],
    schedules: tuple[Schedule, ...],
    contacts: Contacts,
    *,
    roles: Collection[str] | None,
    natures: Collection[str] | None,
    classes: Collection[str] | None,
    regions: Collection[str] | None,
) -> Iterator[Problem]:
    """Yield what contradicts itself or the other files."""
    seen: set[str] = set()
    for i, policy in enumerate(policies):
        path: Path = ("escalation", i)
        if policy.name in seen:
            yield document.problem(
                (*path, "name"), f"{policy.name!r} is given twice", f"{policy.name!r} bị trùng"
            )
        seen.add(policy.name)
        for field, given, allowed in (
            ("natures", policy.natures, natures),
            ("classes", policy.classes, classes),
            ("regions", policy.regions, regions),
        ):
            for code in sorted(given):
                if allowed is not None and code not in allowed:
                    listed = ", ".join(sorted(allowed)[:20])
                    yield document.problem(
                        (*path, field),
                        f"{code!r} is not defined; allowed: {listed}",
                        f"{code!r} chưa được khai báo; cho phép: {listed}",
                    )
        if policy.levels[0].after is not None:
            yield document.problem(
                (*path, "levels", 0, "after"),
                "the first level is called at once; delete `after`",
                "bậc thứ nhất được gọi ngay; bỏ `after`",
            )
        for j, level in enumerate(policy.levels):
            for k, target in enumerate(level.targets):
                place = (*path, "levels", j, "targets", k)
                yield from _target_problems(document, place, target, schedules, contacts, roles)


def uncovered(
    document: Document, policies: tuple[EscalationPolicy, ...], severities: Collection[str]
) -> Iterator[Problem]:
    """Yield the severities for which there is an incident that no policy is about."""
    for severity in severities:
        if not any(
            (not policy.severities or severity in policy.severities)
            and not (policy.natures or policy.classes or policy.regions)
            for policy in policies
        ):
            yield document.problem(
                ("escalation",),
                f"not every {severity} is called for; add a policy for it without natures, classes "
                "and regions",
                f"có sự cố {severity} không gọi ai; thêm một mục cho mức này, không giới hạn tính "
                "chất, loại, khu vực",
            )


def _target_problems(
    document: Document,
    path: Path,
    target: Target,
    schedules: tuple[Schedule, ...],
    contacts: Contacts,
    roles: Collection[str] | None,
) -> Iterator[Problem]:
    names = [schedule.name for schedule in schedules]
    if target.schedule and target.schedule not in RESERVED and target.schedule not in names:
        listed = ", ".join([LOCAL, PROVINCE, *names])
        yield document.problem(
            (*path, "schedule"),
            f"{target.schedule!r} is no schedule; allowed: {listed}",
            f"không có lịch {target.schedule!r}; cho phép: {listed}",
        )
    if target.person and contacts.of(target.person) is None:
        listed = ", ".join(contact.name for contact in contacts.all[:20]) or "none is given"
        yield document.problem(
            (*path, "person"),
            f"{target.person!r} is no contact of this file; allowed: {listed}",
            f"{target.person!r} không có trong contacts; cho phép: {listed}",
        )
    if target.role and roles is not None and target.role not in roles:
        listed = ", ".join(sorted(roles))
        yield document.problem(
            (*path, "role"),
            f"{target.role!r} is not a role of the procedure; allowed: {listed}",
            f"{target.role!r} không phải vai trò của quy trình; cho phép: {listed}",
        )
    if target.person and target.post != "primary":
        yield document.problem((*path, "post"), "a person has no post; delete it")
