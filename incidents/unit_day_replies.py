"""What an officer writes of the day of their unit by short message: nothing, or what happened.

People type it in a corridor: marks, case, the words for "no" and a polite end may be missing or
differ. Only a text that says nothing else is taken for "nothing happened".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from incidents.modem.gsm7 import without_marks
from incidents.unit_day import MOST_WORDS

_PREFIX = r"(?:(?:BAO CAO|BC|NGAY|HOM NAY|DON VI)[ .,:]+)*"
_NO = r"(?:KHONG|KO|K|KG|KHG|0|CHUA|CHANG)"
_INCIDENT = r"(?:SU CO|SUCO|SC|SU VIEC|VAN DE|GI)"
_POLITE = (
    r"(?:[ .,!]+(?:A|NHE|OK|EM|ANH|CHI|VANG|DA|XIN BAO CAO|CAM ON|GI|GI CA|NAO|XAY RA))*[ .,!]*"
)
_CLEAN = re.compile(
    rf"{_PREFIX}(?:{_NO} (?:CO |XAY RA |PHAT SINH )?{_INCIDENT}|{_NO} CO|BINH THUONG){_POLITE}"
)
# What looks like a reply to a page is never a report of a day.
_ABOUT_INCIDENT = re.compile(
    r"[A-Z]{2}[ ._-]?[0-9]{2}[ ./_-]?[0-9]{1,8}\b|[0-9IL][ .,:_/-]+(?:[A-Z]{2}[ ._-]?)?[0-9]{2}"
)
_LEAST_WORDS = 2


class Said(NamedTuple):
    """A day as a text tells it."""

    is_clean: bool
    text: str = ""


def understand(text: str) -> Said | None:
    """Return what a text says of the day; None: it says something else, or too little."""
    plain = " ".join(without_marks(text).upper().split())
    if _CLEAN.fullmatch(plain):
        return Said(is_clean=True)
    if _ABOUT_INCIDENT.match(plain) or len(re.findall(r"[A-Z]{2,}", plain)) < _LEAST_WORDS:
        return None
    return Said(is_clean=False, text=" ".join(text.split())[:MOST_WORDS])
