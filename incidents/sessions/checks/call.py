"""Whether the endpoint is free or in this session's conference; near the start it must be in it.

Of a computer or a telephone nobody can measure that: whoever calls the roll says it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from incidents.sessions.cells import (
    Verdict,
    not_applicable,
    not_checked,
    of_reading,
    of_said,
    worst,
)
from incidents.sessions.check import ALL, Check
from incidents.sessions.facts import of_metric
from incidents.sessions.roll_call import BY_CODE, heard, still_holds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidents.sessions.cells import Cell
    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts, Reading


def judge(facts: PointFacts, asked: Asked) -> Cell:
    """Return what its calls come to; from `joined_from` on, free is not enough."""
    must_be_in = asked.moment.place >= asked.thresholds.joined_from.place
    if facts.point.way != "codec":
        return _by_word(facts, asked, must_be_in=must_be_in)
    count = next(of_metric(facts.endpoint, "wanwatch_endpoint_calls"), None)
    if count is None:
        return not_checked()
    if count.is_old or not count.value:
        verdict = Verdict.NO_GO if must_be_in else Verdict.GO
        return of_reading(verdict, count, "not_joined" if must_be_in else "free")
    calls = list(of_metric(facts.endpoint, "wanwatch_call_info"))
    known = [call for call in calls if call.value and not call.is_old]
    if any(is_ours(call.labels.get("far_end", ""), facts.ours) for call in known):
        return of_reading(Verdict.GO, count, "joined")
    if not facts.ours:
        return _unknown(count)
    return worst((_other(call, must_be_in=must_be_in) for call in known), _unknown(count))


def _other(call: Reading, *, must_be_in: bool) -> Cell:
    far_end = call.labels.get("far_end", "")
    if not far_end:
        return _unknown(call)
    reason = "elsewhere" if must_be_in else "in_other_call"
    return of_reading(Verdict.NO_GO, call, reason, text=far_end)


def _unknown(reading: Reading) -> Cell:
    return of_reading(Verdict.NOT_CHECKED, reading, "unknown_call")


def _by_word(facts: PointFacts, asked: Asked, *, must_be_in: bool) -> Cell:
    word = heard(facts.said).there
    is_there = word is not None and BY_CODE[word.answer].there
    if word is not None and not is_there:
        return of_said(Verdict.NO_GO, word, "absent")
    if word is not None and still_holds(word, asked.session, asked.now):
        return of_said(Verdict.GO, word, "joined")
    return not_checked("ask") if must_be_in else not_applicable()


def is_ours(far_end: str, ours: Iterable[str]) -> bool:
    """Say whether a far end is one of these names, addresses or numbers, or holds one as a word."""
    folded = far_end.casefold()
    return any(
        re.search(rf"(?<![\w.]){re.escape(name.casefold())}(?![\w]|\.\w)", folded)
        for name in ours
        if name
    )


CHECK = Check("call", ALL, "endpoint-trouble", judge)
