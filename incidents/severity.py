"""Severity: impact × scope, then the ruleset's modifiers in their order; the worst is the limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidents.procedure import Procedure
    from incidents.procedure_file import Modifier


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What besides impact and scope weighs on a severity.

    Attributes:
        session_class: A (Trung ương or Tỉnh ủy chairs), B or C; empty: no session.
        in_session: The asset is in the path of a live session, or of its pre-check.
        picture_and_sound_lost: The point has neither picture nor sound.
        cipher_compromised: A cipher product, key or certificate is lost or compromised.
        secret_or_security: A state secret may have leaked, or there is a sign against national
            security.
        or_else: The other severity, where one is unsure between two.
    """

    session_class: str = ""
    in_session: bool = False
    picture_and_sound_lost: bool = False
    cipher_compromised: bool = False
    secret_or_security: bool = False
    or_else: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One modifier that applied, with the severity before and after it."""

    modifier: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A severity and how it came about; `pointer_only` locks free text to pointers."""

    severity: str
    of_matrix: str
    steps: tuple[Step, ...] = ()
    pointer_only: bool = False


NONE = Circumstances()


def weigh(
    procedure: Procedure, impact: str, scope: str, circumstances: Circumstances = NONE
) -> Weighed:
    """Return the severity of an impact on a scope under the circumstances.

    Raises:
        KeyError: The procedure does not know the impact or the scope.
    """
    of_matrix = procedure.severity(impact, scope)
    severity, steps, pointer_only = of_matrix, [], False
    for modifier in procedure.file.modifiers:
        if not _applies(modifier.code, circumstances):
            continue
        after = _after(modifier, severity, circumstances, list(procedure.severities))
        pointer_only = pointer_only or modifier.pointer_only
        steps.append(Step(modifier.code, severity, after))
        severity = after
    return Weighed(severity, of_matrix, tuple(steps), pointer_only)


def _applies(code: str, given: Circumstances) -> bool:
    if code == "phien_hang_a":
        return given.in_session and given.session_class == "A"
    if code == "phien_hang_b":
        return given.in_session and given.session_class == "B" and given.picture_and_sound_lost
    if code == "mat_ma":
        return given.cipher_compromised
    if code == "bi_mat":
        return given.secret_or_security
    return given.or_else is not None


def _after(modifier: Modifier, severity: str, given: Circumstances, order: list[str]) -> str:
    """Return the severity after one modifier; `order` has the worst first."""
    place = max(0, order.index(severity) - modifier.up)
    if modifier.at_least is not None:
        place = min(place, order.index(modifier.at_least))
    if modifier.code == "chua_chac" and given.or_else in order:
        place = min(place, order.index(given.or_else))
    return order[place]
