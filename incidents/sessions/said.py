"""A cell that only a person turns green, and that does not stay so into the next moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.sessions.cells import Cell, Verdict, not_applicable, not_checked, of_said
from incidents.sessions.roll_call import still_holds

if TYPE_CHECKING:
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import Said


def by_word(word: Said | None, asked: Asked, *, is_good: bool) -> Cell:
    """Return what somebody's last word comes to; before anybody must have looked, nothing."""
    if word is None:
        is_due = asked.moment.place >= asked.thresholds.seen_from.place
        return not_checked("ask") if is_due else not_applicable()
    if not is_good:
        return of_said(Verdict.NO_GO, word, word.answer)
    if still_holds(word, asked.session, asked.now):
        return of_said(Verdict.GO, word, word.answer)
    return replace(of_said(Verdict.NOT_CHECKED, word), reason="aged_out")
