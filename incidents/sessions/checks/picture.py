"""Whether somebody saw this point's picture; no machine can know that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.check import SCREENS, Check
from incidents.sessions.roll_call import BY_CODE, heard
from incidents.sessions.said import by_word

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return the last word on it, while it holds."""
    word = heard(facts.said).picture
    return by_word(word, asked, is_good=word is not None and bool(BY_CODE[word.answer].picture))


CHECK = Check("picture", SCREENS, "call-quality", judge)
