"""One tile of the live board: a point's picture, sound, path, call, and what was logged of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidents.sessions.cells import (
    WORST_FIRST,
    Cell,
    Verdict,
    held_against,
    not_applicable,
    not_checked,
    of_reading,
    of_said,
    worst,
)
from incidents.sessions.checks import call, path_delay, path_jitter, path_loss, reachability
from incidents.sessions.facts import of_metric
from incidents.sessions.log import LogKind
from incidents.sessions.roll_call import BY_CODE, heard, still_holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from incidents.sessions.check import Asked
    from incidents.sessions.facts import PointFacts, Reading, Said
    from incidents.sessions.log import LogEntry
    from incidents.sessions.model import Point

# All that a tile looks at.
METRICS = frozenset(
    {
        "wanwatch_probe_alive", "wanwatch_endpoint_calls", "wanwatch_call_info",
        "wanwatch_call_lost_ratio", "wanwatch_call_jitter_seconds",
        "wanwatch_call_bits_per_second", "wanwatch_endpoint_video_muted",
        "wanwatch_stamp_direction_lost_ratio", "wanwatch_stamp_worst_window_lost_ratio",
        "wanwatch_stamp_jitter_seconds", "wanwatch_stamp_delay_seconds",
        "wanwatch_stamp_rtt_mean_seconds", "wanwatch_icmp_lost_ratio",
        "wanwatch_icmp_rtt_mean_seconds",
    }
)  # fmt: skip
FIELDS = ("picture", "sound", "path", "call")
# What a symptom takes away, by its code; all others are shown and colour the call.
OF_PICTURE = frozenset({"no_picture", "freeze", "content"})
OF_SOUND = frozenset({"no_sound", "one_way", "echo"})
OF_PATH = frozenset({"line", "power"})


@dataclass(frozen=True, slots=True)
class Symptom:
    """A fault that somebody logged and nobody has called mended."""

    code: str
    at: datetime
    actor: str
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """An open incident that began in the path of the session."""

    code: str
    severity: str
    title_vi: str
    title_en: str
    detected_at: datetime
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """What the board shows of a point.

    Attributes:
        cells: By the names in `FIELDS`.
        symptoms: Those that go on, the newest first.
        at: When it was made: the ages of its values are of then.
    """

    point: Point
    cells: Mapping[str, Cell]
    symptoms: tuple[Symptom, ...]
    at: datetime

    @property
    def verdict(self) -> Verdict:
        """Return the worst cell's; what nothing is known of at all is not checked."""
        found = {cell.verdict for cell in self.cells.values()} - {Verdict.NOT_APPLICABLE}
        return min(found, key=_alarm, default=Verdict.NOT_CHECKED)


def _alarm(verdict: Verdict) -> int:
    """Return a place in the order of a wall display: a warning is more than what is not known."""
    order = (Verdict.NO_GO, Verdict.WARNING, Verdict.NOT_CHECKED, Verdict.GO)
    return order.index(verdict) if verdict in order else WORST_FIRST.index(verdict)


def tile(facts: PointFacts, symptoms: Iterable[Symptom], asked: Asked) -> Tile:
    """Return the tile of a point."""
    going_on = tuple(sorted(symptoms, key=lambda one: one.at, reverse=True))
    cells = {
        "picture": _logged(_media(facts, asked, "video"), going_on, OF_PICTURE),
        "sound": _logged(_media(facts, asked, "audio"), going_on, OF_SOUND),
        "path": _logged(_path(facts, asked), going_on, OF_PATH),
        "call": _call(facts, asked, going_on),
    }
    return Tile(facts.point, cells, going_on, asked.now)


def open_symptoms(entries: Iterable[LogEntry]) -> dict[int, tuple[Symptom, ...]]:
    """Return by place the faults that go on: logged, and not followed by a restoration there.

    A restoration that names a symptom ends that one, one without a name all of the point's.
    """
    found: dict[int, dict[str, Symptom]] = {}
    for entry in sorted(entries, key=lambda one: (one.at, one.id)):
        of_point = found.setdefault(entry.point, {})
        if entry.kind is LogKind.SYMPTOM:
            of_point.setdefault(entry.code, Symptom(entry.code, entry.at, entry.actor, entry.id))
        elif entry.kind is LogKind.RESTORED and entry.code:
            of_point.pop(entry.code, None)
        elif entry.kind is LogKind.RESTORED:
            of_point.clear()
    return {place: tuple(symptoms.values()) for place, symptoms in found.items() if symptoms}


def _logged(measured: Cell, symptoms: Iterable[Symptom], codes: frozenset[str]) -> Cell:
    """Return a cell under what a person logged: their word outweighs what flows."""
    word = next((one for one in symptoms if one.code in codes), None)
    if word is None:
        return measured
    return replace(
        measured, verdict=Verdict.NO_GO, reason="symptom", text=word.code, source=word.actor,
        said_at=word.at, age_seconds=None, value=None, threshold=None,
    )  # fmt: skip


def _call(facts: PointFacts, asked: Asked, symptoms: Iterable[Symptom]) -> Cell:
    named = OF_PICTURE | OF_SOUND | OF_PATH
    others = frozenset(one.code for one in symptoms) - named
    cells = [call.judge(facts, asked)]
    if facts.point.way != "telephone":
        alive = reachability.judge(facts, asked)
        if alive.verdict is Verdict.NO_GO:
            cells.append(alive)
    shown = worst(cell for cell in cells if cell.verdict is not Verdict.NOT_APPLICABLE)
    return _logged(shown, symptoms, others)


def _path(facts: PointFacts, asked: Asked) -> Cell:
    if facts.point.way == "telephone":
        return not_applicable()
    checks = (path_loss.CHECK, path_jitter.CHECK, path_delay.CHECK)
    found = [replace(one.judge(facts, asked), check=one.name) for one in checks]
    measured = [cell for cell in found if cell.verdict is not Verdict.NOT_CHECKED]
    if not measured:
        return found[0]
    return worst(measured)


def _media(facts: PointFacts, asked: Asked, media: str) -> Cell:
    """Return what flows of one medium, and what people said of it where nothing is measured."""
    if media == "video" and facts.point.way == "telephone":
        return not_applicable()
    words = heard(facts.said)
    word = words.picture if media == "video" else words.sound
    said = _said(word, asked, media)
    if said is not None and said.verdict is Verdict.NO_GO:
        return said
    found = list(_measured(facts, asked, media))
    if found:
        return worst(found)
    return said if said is not None else not_checked()


def _said(word: Said | None, asked: Asked, media: str) -> Cell | None:
    if word is None:
        return None
    answer = BY_CODE[word.answer]
    is_good = answer.picture if media == "video" else answer.sound
    if not is_good:
        return of_said(Verdict.NO_GO, word, word.answer)
    holds = still_holds(word, asked.session, asked.now)
    return of_said(Verdict.GO if holds else Verdict.NOT_CHECKED, word, "" if holds else "aged_out")


def _measured(facts: PointFacts, asked: Asked, media: str) -> Iterator[Cell]:
    wanted = (media, "all")
    lost, jitter = asked.thresholds.lost_ratio, asked.thresholds.jitter_seconds

    def of_media(labels: Mapping[str, str]) -> bool:
        return labels.get("media") in wanted

    for one in of_metric(facts.endpoint, "wanwatch_call_lost_ratio", where=of_media):
        yield replace(held_against(one, one.value, lost, "ratio"), check=path_loss.CHECK.name)
    for one in of_metric(facts.endpoint, "wanwatch_call_jitter_seconds", where=of_media):
        cell = held_against(one, one.value, jitter, "seconds")
        yield replace(cell, check=path_jitter.CHECK.name)
    for one in of_metric(facts.endpoint, "wanwatch_call_bits_per_second", where=of_media):
        if not one.value and one.labels.get("media") == media:
            yield of_reading(Verdict.NO_GO, one, "no_stream")
    yield from _muted(facts.endpoint, media)


def _muted(readings: tuple[Reading, ...], media: str) -> Iterator[Cell]:
    """Yield a warning for a picture that is switched off; a muted microphone is as it should be."""
    if media != "video":
        return
    for one in of_metric(readings, "wanwatch_endpoint_video_muted"):
        if one.value:
            yield of_reading(Verdict.WARNING, one, "video_muted")
