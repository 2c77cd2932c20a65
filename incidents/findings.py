"""What was found out by itself when an incident opened: questions that change nothing, answered.

A finding has words for screens and mails, and words that may leave the network. The second kind is
made of the procedure's and the inventory's names alone, like all that telephones are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from incidents.public_words import is_sayable
from incidents.state import Draft, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incidents.timeline import Entry

MOST_FINDINGS, MOST_CHARACTERS = 12, 200
# What telephones say: short, or it is cut into too many messages.
MOST_SAID, MOST_SAID_CHARACTERS = 3, 60
VI, EN = "found_vi", "found_en"


class Finding(NamedTuple):
    """One answer.

    Attributes:
        is_bad: It is not as it should be: told first.
        said: For channels that leave the network; empty where nothing may be said.
    """

    vi: str
    en: str
    is_bad: bool
    said: str = ""


def draft_of(findings: Sequence[Finding], took_seconds: float) -> Draft:
    """Return the entry that keeps what was found, what is bad first."""
    ordered = sorted(findings, key=lambda one: not one.is_bad)[:MOST_FINDINGS]
    data: dict[str, Any] = {
        "bad": sum(one.is_bad for one in ordered),
        "took_ms": round(took_seconds * 1_000),
        "said": list(said_of(ordered)),
    }
    texts = {
        VI: "\n".join(one.vi[:MOST_CHARACTERS] for one in ordered),
        EN: "\n".join(one.en[:MOST_CHARACTERS] for one in ordered),
    }
    return Draft(Kind.DIAGNOSED, data, texts)


def said_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what telephones may be told of findings, as far as it is short and sayable."""
    said = (one.said.strip()[:MOST_SAID_CHARACTERS] for one in findings)
    return tuple(text for text in said if text and is_sayable(text))[:MOST_SAID]


def lines_of(entry: Entry, language: str) -> tuple[str, ...]:
    """Return the words of such an entry, a line each; none where they were removed."""
    texts = entry.texts or {}
    return tuple(filter(None, texts.get(VI if language == "vi" else EN, "").split("\n")))
