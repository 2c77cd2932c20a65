"""What a kind of report is: what it is about, what a person must write, how it is composed.

One data set makes every print layout: `compose` takes the facts that were gathered, what people
wrote, and the letterhead of the layout that was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date  # noqa: TC003 - part of a public type
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidents.reports.document import Document, Layout, Signer

# What a report may be about, and how its subject is written: a code, `2026-11-26`, `2026-11` (a
# half-year `2026-H1`, a year `2026`), the number of a session, of a handover.
About = Literal["incident", "day", "month", "session", "handover"]
# Who reads it: the own organisation, or somebody outside. It decides who signs, and which duties
# are done when it is sent.
Audience = Literal["inside", "outside"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a report, by its code in the template.

    Attributes:
        is_required: The report is not put up for signature without it.
        by: Duty roles that may write it; empty: whoever may write reports.
        is_long: More than one line is usual.
    """

    code: str
    vi: str
    en: str
    is_required: bool = False
    by: tuple[str, ...] = ()
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands around every report of one layout; a province writes it down once.

    Attributes:
        symbols: What stands behind the number, by the kind's abbreviation: `BC` → `BC/VPTU`.
        recipients: *Nơi nhận*, where a report names none itself; `Lưu …` is the last.
        signers: Who signs outside and inside, as it is printed.
    """

    layout: Layout
    superior: str
    issuer: str
    place: str
    symbols: Mapping[str, str] = field(default_factory=dict)
    recipients: tuple[str, ...] = ()
    signers: Mapping[Audience, Signer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filling:
    """Everything that a report is composed of.

    Attributes:
        facts: What was gathered, plain values as JSON has them but for floats; `facts[code]` is
            what the machine filled into a field.
        filled: What people wrote, by field; it stands before what the machine filled.
        day: The day that is printed: of the number, else of the composing.
        number: What the records office gave; empty until then.
        is_draft, note: As the document will have them: whoever fits a page must know.
        roles: The names of roles by code: a draft says who can fill what is missing.
    """

    facts: Mapping[str, Any]
    filled: Mapping[str, str]
    letterhead: Letterhead
    audience: Audience
    day: date
    number: str = ""
    is_draft: bool = False
    note: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One kind of report.

    Attributes:
        serves: Codes of the procedure's reports that it is: `bc_ban_dau`, …
        fields: What it consists of beside its head and foot, in order.
        compose: Pure; returns the document of one filling.
        title: In capitals above what it is about: `BÁO CÁO`, `BIÊN BẢN`.
        abbreviation: Of the title, in its number: `BC`, `BB`.
        is_numbered: The records office gives it a number before it is sent.
        kept: Facts that a correction keeps whatever else is gathered anew: which report it was.
        is_signed_here: Somebody signs it in the archive; the signatures of minutes that two sides
            signed are facts.
        is_by_two: Who puts it up for signature signs with that, and another person after them.
    """

    code: str
    vi: str
    en: str
    about: About
    serves: tuple[str, ...]
    fields: tuple[Field, ...]
    compose: Callable[[Filling], Document]
    title: str = "BÁO CÁO"
    abbreviation: str = "BC"
    is_numbered: bool = True
    kept: tuple[str, ...] = ()
    is_signed_here: bool = True
    is_by_two: bool = False

    def field(self, code: str) -> Field | None:
        """Return one of its fields."""
        return next((one for one in self.fields if one.code == code), None)

    def missing(self, facts: Mapping[str, Any], filled: Mapping[str, str]) -> tuple[Field, ...]:
        """Return the fields that must be filled and are not, by the machine or by a person."""
        return tuple(
            one
            for one in self.fields
            if one.is_required and not filled.get(one.code, "").strip() and not facts.get(one.code)
        )
