"""Whether somebody heard this point, and it heard them; no machine can know that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.sessions.check import ALL, Check
from incidents.sessions.roll_call import BY_CODE, heard
from incidents.sessions.said import by_word

if TYPE_CHECKING:
    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return the last word on it, while it holds."""
    word = heard(facts.said).sound
    return by_word(word, asked, is_good=word is not None and bool(BY_CODE[word.answer].sound))


CHECK = Check("sound", ALL, "call-quality", judge)
