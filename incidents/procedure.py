"""The response procedure as data: loading and validating it; severity, deadlines, transitions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from incidents.calendar import Calendar, OfficeHours
from incidents.carrier_deadline import carrier_deadline
from incidents.in_session import NOTHING_AROUND, Around, term_of
from incidents.procedure_checks import check
from incidents.procedure_file import ProcedureFile
from incidents.procedure_layers import layered
from incidents.terms import Term
from incidents.yaml_lines import Document, InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime

    from incidents.procedure_acts import May
    from incidents.procedure_clocks import Deadline
    from incidents.procedure_file import IncidentClass, Stage, Transition
    from incidents.procedure_parts import Names


class Procedure:
    """One ruleset, checked.

    Attributes:
        file: Everything as written.
        content: The whole ruleset as one JSON text, what it extends included.
        digest: SHA-256 of `content`: another digest, another ruleset.
    """

    def __init__(self, file: ProcedureFile, content: str) -> None:
        self.file = file
        self.content = content
        self.digest = digest_of(content)
        self.id = file.id
        self.classes: dict[str, IncidentClass] = {c.code: c for c in file.classes}
        self.stages: dict[str, Stage] = {s.code: s for s in file.stages}
        made = (duty.as_deadline(file.severities) for duty in file.live_session)
        self.session_deadlines: tuple[Deadline, ...] = tuple(d for d in made if d is not None)
        carrier = carrier_deadline(file.deadlines)
        self.deadlines: dict[str, Deadline] = {
            d.code: d for d in (carrier, *self.session_deadlines, *file.deadlines)
        }
        self.severities: dict[str, Names] = file.severities
        self._may: dict[str, May] = {str(act): may for act, may in file.may.items()}
        self.reserved_roles = {n.only for n in file.natures.values() if n.only is not None}
        self.calendar = Calendar(
            zone=file.calendar.zone,
            hours=tuple(OfficeHours(h.start, h.spans) for h in file.calendar.hours),
            holidays=frozenset(holiday.day for holiday in file.calendar.holidays),
            working_days=frozenset(swapped.day for swapped in file.calendar.working_days),
        )

    @property
    def natures_inside(self) -> frozenset[str]:
        """Return the natures of which nothing is said outside the desk."""
        natures = self.file.natures.items()
        return frozenset(code for code, nature in natures if nature.stays_inside or nature.only)

    def severity(self, impact: str, scope: str) -> str:
        """Return the severity of an impact (I1-I4) on a scope (P1-P4).

        Raises:
            KeyError: The procedure does not know the impact or the scope.
        """
        return self.file.matrix.cells[impact][scope]

    def is_higher(self, severity: str, than: str) -> bool:
        """Say whether `severity` is worse than `than`; the file lists the worst first."""
        order = list(self.severities)
        return order.index(severity) < order.index(than)

    def higher_scope(self, one: str, other: str) -> str:
        """Return the wider of two scopes; the file lists the narrowest first."""
        order = list(self.file.scopes)
        return max(one, other, key=order.index)

    def higher_impact(self, one: str, other: str) -> str:
        """Return the heavier of two impacts; the file lists the lightest first."""
        order = list(self.file.impacts)
        return max(one, other, key=order.index)

    def due_at(
        self, code: str, severity: str, detected_at: datetime, around: Around = NOTHING_AROUND
    ) -> datetime | None:
        """Return when a deadline that runs from `detected_at` is due; None where it has no clock.

        Raises:
            KeyError: The procedure has no such deadline or severity.
        """
        term = self._term(code, severity, detected_at, around)
        return None if term is None else term.after(detected_at, self.calendar)

    def warn_at(
        self, code: str, severity: str, detected_at: datetime, around: Around = NOTHING_AROUND
    ) -> datetime | None:
        """Return when to warn of a deadline: `warn_percent` of its term, on its own clock."""
        term = self._term(code, severity, detected_at, around)
        if term is None:
            return None
        return term.part_after(detected_at, self.calendar, self.file.warn_percent)

    def allowed_transitions(self, stage: str) -> tuple[Transition, ...]:
        """Return the legal moves from `stage`; none from a terminal one.

        Raises:
            KeyError: The procedure has no such stage.
        """
        return self.stages[stage].next

    def transition(self, stage: str, to: str) -> Transition | None:
        """Return the legal move from `stage` to `to`, if there is one."""
        return next((t for t in self.allowed_transitions(stage) if t.to == to), None)

    def way_to(self, stage: str, to: str) -> tuple[Transition, ...]:
        """Return the fewest legal moves from `stage` to `to`; never through an end or back open."""
        ways: dict[str, tuple[Transition, ...]] = {stage: ()}
        waiting = [stage]
        while waiting and to not in ways:
            here = waiting.pop(0)
            for move in () if self.stages[here].ends else self.allowed_transitions(here):
                if move.to not in ways:
                    ways[move.to] = (*ways[here], move)
                    waiting.append(move.to)
        return ways.get(to, ())

    def legal_needs(self) -> Iterator[LegalNeed]:
        """Yield every condition of every change of stage, those of short ways included."""
        file = self.file
        for stage in file.stages:
            for move in stage.next:
                for need in move.needs:
                    for severity in move.severities.get(need, ("",)):
                        yield LegalNeed(stage.code, move.to, severity, need)
        for severity in file.quick_close.severities:
            for stage in file.stages:
                way = () if stage.ends else self.way_to(stage.code, file.closed)
                if len(way) > 1:
                    for need in sorted({need for move in way for need in move.needs_of(severity)}):
                        yield LegalNeed(stage.code, file.closed, severity, need)

    def legal_evidence(self) -> Iterator[LegalEvidence]:
        """Yield every kind that would do for what is required, and of which incidents it is."""
        classes = self.file.classes
        for required in self.file.evidence.required:
            codes = [one.code for one in classes if one.group in required.groups]
            of = (required.kinds, required.severities, required.natures or ("",))
            for kind, severity, nature in product(*of):
                for code in codes if required.groups else ("",):
                    yield LegalEvidence(required.code, kind, severity, nature, code)

    def may(self, act: str, severity: str) -> tuple[str, ...] | None:
        """Return the roles that may do an act at a severity; None where every role may."""
        allowed = self._may.get(act)
        return allowed.get(severity, ()) if isinstance(allowed, dict) else allowed

    @property
    def acting_roles(self) -> list[str]:
        """Return the roles that may do what the table `may` leaves open."""
        return [role.code for role in self.file.roles if not role.reads_only]

    def only_role(self, nature: str) -> str | None:
        """Return the one role that sees and writes incidents of a nature, if it is reserved."""
        found = self.file.natures.get(nature)
        return None if found is None else found.only

    def role_names(self, codes: Iterable[str], language: str) -> str:
        """Return the names of roles in one language, with commas between."""
        names = {role.code: role for role in self.file.roles}
        found = ((code, names.get(code)) for code in codes)
        return ", ".join(
            code if role is None else role.vi if language == "vi" else role.en
            for code, role in found
        )

    @cached_property
    def after_restoring(self) -> frozenset[str]:
        """Stages in which service is back: the restored one, and what follows it to the end."""
        file = self.file
        way = self.way_to(file.restored, file.closed)
        after = (move.to for move in self.stages[file.closed].next if not move.reopens)
        return frozenset({file.restored, *(move.to for move in way), *after})

    def legal_moves(self) -> Iterator[LegalMove]:
        """Yield every change of stage that this ruleset allows, the start and short ways included.

        An incident starts from the stage "". A short way is for a recovered incident of one
        severity: the entry that walks it names each stage on the way.
        """
        file = self.file
        yield LegalMove("", file.start)
        for stage in file.stages:
            for move in stage.next:
                yield LegalMove(stage.code, move.to)
        for severity in file.quick_close.severities:
            for stage in file.stages:
                if not stage.ends and len(self.way_to(stage.code, file.closed)) > 1:
                    yield LegalMove(stage.code, file.closed, severity, recovered=True)

    def _term(self, code: str, severity: str, start: datetime, around: Around) -> Term | None:
        deadline = self.deadlines[code]
        term: Term | str | None = deadline.due[severity]
        if around != NOTHING_AROUND:
            term = term_of(deadline, severity, around, start, self.calendar)
        return term if isinstance(term, Term) else None


@dataclass(frozen=True, slots=True)
class LegalMove:
    """A change of stage; `severity` empty: of any; `recovered`: only of a recovered incident."""

    before: str
    after: str
    severity: str = ""
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class LegalNeed:
    """A condition of a change of stage; `severity` empty: of any."""

    before: str
    after: str
    severity: str
    need: str


@dataclass(frozen=True, slots=True)
class LegalEvidence:
    """A kind that would do for what is required; `nature`, `class_code` empty: of any incident."""

    required: str
    kind: str
    severity: str
    nature: str
    class_code: str


def digest_of(content: str) -> str:
    """Return the digest under which a ruleset or a policy is kept."""
    return hashlib.sha256(content.encode()).hexdigest()


def read_document(
    text: str,
    *,
    file: str,
    base_text: Callable[[str], str] | None = None,
    bases: Collection[str] = (),
) -> Document:
    """Return a ruleset as one document: over what it extends, if it extends one of `bases`.

    Raises:
        InvalidDocument: It is not YAML, or extends what is not there.
    """
    return layered(load(text, file=file), base_text or _no_base, bases)


def load_procedure(
    text: str,
    *,
    file: str,
    base_text: Callable[[str], str] | None = None,
    bases: Collection[str] = (),
) -> Procedure:
    """Read and check a procedure; `base_text` returns the text of a ruleset that it may extend.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    return checked(read_document(text, file=file, base_text=base_text, bases=bases))


def checked(document: Document) -> Procedure:
    """Return the procedure of a document.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    file = validate(document, ProcedureFile)
    if problems := check(document, file):
        raise InvalidDocument(problems)
    return Procedure(file, content_of(document))


def content_of(document: Document) -> str:
    """Return the values of a document as one text, in their order: comments change nothing."""
    return json.dumps(document.value, ensure_ascii=False, separators=(",", ":"))


def kept_procedure(content: str) -> Procedure:
    """Return a ruleset from the content that was kept when it came into force.

    Raises:
        InvalidDocument: This program does not understand it any more.
    """
    document = Document("kept ruleset", json.loads(content), {})
    return Procedure(validate(document, ProcedureFile), content)


def _no_base(name: str) -> str:
    raise LookupError(name)
