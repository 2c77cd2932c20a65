"""Who is called, when and in which order: `oncall.yaml`, read and checked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pydantic import Field

from incidents.contacts import Contact, Contacts, contact_problems
from incidents.oncall import Override, given_overrides
from incidents.oncall_levels import EscalationPolicy, level_problems, uncovered
from incidents.oncall_schedules import Schedule, ShiftTime, schedule_problems, shift_problems
from incidents.paging_policy import MUST_BE_TOLD
from incidents.policy_parts import Duration, Line
from incidents.procedure_parts import Part
from incidents.yaml_lines import Document, InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from incidents.paging_policy import PagingPolicy
    from incidents.yaml_lines import Path, Problem

FILE = "oncall.yaml"
MAX_CONTACTS = 2_000
# How people are reached is of today; who is called when, and in which order, is kept.
NOT_KEPT = frozenset({"contacts", "re_verify"})


class OncallFile(Part):
    """The whole of `oncall.yaml`, as written.

    Attributes:
        re_verify: How long a verified contact is trusted.
        shifts: Of schedules that name none.
        warn_before: How long before a gap begins it is told of.
        warn: Roles that are told of gaps.
        on_call_role: The role of the procedure held by whoever is on call, unless a schedule names
            another one.
        handover_grace: How long after a shift began its handover may wait for signatures.
    """

    contacts: tuple[Contact, ...] = Field(default=(), max_length=MAX_CONTACTS)
    re_verify: Duration = timedelta(0)
    shifts: tuple[ShiftTime, ...] = ()
    on_call_role: Line = ""
    warn_before: Duration = Field(default=timedelta(0), le=timedelta(days=60))
    warn: tuple[Line, ...] = ()
    handover_grace: Duration = timedelta(0)
    schedules: tuple[Schedule, ...] = Field(default=(), max_length=200)
    escalation: tuple[EscalationPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the other files name; None: not declared, or not readable.

    Attributes:
        names: The persons of `people.yaml`.
        roles, natures, classes: Of the procedure.
        units, regions: Of `units.csv`.
        policy: `channels.yaml`.
    """

    names: Collection[str] | None = None
    roles: Collection[str] | None = None
    natures: Collection[str] | None = None
    classes: Collection[str] | None = None
    units: Collection[str] | None = None
    regions: Collection[str] | None = None
    policy: PagingPolicy | None = None


NOTHING_KNOWN = Known()


class Oncall:
    """`oncall.yaml`, checked, with what is looked up in it; without schedules it changes nothing.

    Attributes:
        schedules: With their shifts filled in.
        overrides: Those of the file.
        content: Schedules and escalation as one text; telephone numbers are not in it.
        digest: SHA-256 of `content`; empty for a province without schedules.
    """

    def __init__(self, file: OncallFile, content: str = "") -> None:
        self.file = file
        self.contacts = Contacts(file.contacts)
        self.schedules = {schedule.name: _filled(schedule, file) for schedule in file.schedules}
        self.overrides: tuple[Override, ...] = tuple(given_overrides(self.schedules.values()))
        self.content = content
        self.digest = hashlib.sha256(content.encode()).hexdigest() if content else ""

    @property
    def escalates(self) -> bool:
        """Say whether anybody is called by schedules and levels."""
        return bool(self.schedules)


def _filled(schedule: Schedule, file: OncallFile) -> Schedule:
    given = {
        "shifts": schedule.shifts or file.shifts,
        "role": schedule.role or file.on_call_role,
    }
    return schedule.model_copy(update=given)


NO_ONCALL = Oncall(OncallFile())


def shipped_oncall() -> dict[str, Any]:
    """Return the values of a file that says nothing."""
    text = files("incidents.procedures").joinpath(FILE).read_text("utf-8")
    value: dict[str, Any] = load(text, file=FILE).value
    return value


def load_oncall(text: str, *, file: str, known: Known = NOTHING_KNOWN) -> Oncall:
    """Read and check `oncall.yaml`.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    given: Mapping[str, Any] = document.value if isinstance(document.value, dict) else {}
    if document.value is None or isinstance(document.value, dict):
        value = {**shipped_oncall(), **given}
        document = Document(document.file, value, document.lines, document.problems)
    found = validate(document, OncallFile)
    contacts = Contacts(found.contacts)
    problems = [
        *_unknown_roles(document, found, known.roles),
        *contact_problems(
            document, found.contacts, names=known.names, roles=known.roles, policy=known.policy
        ),
        *shift_problems(document, ("shifts",), found.shifts, partial=False),
        *schedule_problems(
            document,
            found.schedules,
            found.shifts,
            contacts,
            roles=known.roles,
            units=known.units,
            regions=known.regions,
        ),
        *level_problems(
            document,
            found.escalation if "escalation" in given else (),
            found.schedules,
            contacts,
            roles=known.roles,
            natures=known.natures,
            classes=known.classes,
            regions=known.regions,
        ),
        *(uncovered(document, found.escalation, MUST_BE_TOLD) if found.schedules else ()),
    ]
    if problems:
        raise InvalidDocument(problems)
    kept = {key: value for key, value in document.value.items() if key not in NOT_KEPT}
    return Oncall(found, json.dumps(kept, ensure_ascii=False) if found.schedules else "")


def _unknown_roles(
    document: Document, found: OncallFile, roles: Collection[str] | None
) -> Iterator[Problem]:
    given: list[tuple[Path, str]] = [(("warn", i), role) for i, role in enumerate(found.warn)]
    given += [(("on_call_role",), found.on_call_role)] if found.on_call_role else []
    for path, role in given if roles is not None else ():
        if role not in (roles or ()) and path in document.lines:
            listed = ", ".join(sorted(roles or ()))
            yield document.problem(
                path,
                f"{role!r} is not a role of the procedure; allowed: {listed}",
                f"{role!r} không phải vai trò của quy trình; cho phép: {listed}",
            )


def kept_oncall(content: str) -> Oncall:
    """Return schedules and escalation from the content kept when they came into force.

    Raises:
        InvalidDocument: This program does not understand it any more.
    """
    found = validate(Document("kept schedules", json.loads(content), {}), OncallFile)
    return Oncall(found, content)
