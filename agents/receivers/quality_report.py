"""What a telephone or codec says of a call that it had: voice quality, each way.

Source: RFC 6035 section 4.6. Keys come in any order and may be missing; 127 and 65535 mean that
there is no such value (RFC 3611 section 4.7). Names and numbers of people are not read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_LINES = 200
_PAIR = re.compile(r"([A-Za-z]{1,12})=(\"[^\"]{0,100}\"|\S{1,100})")
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?", re.ASCII)
_KINDS = {"vqsessionreport": "session", "vqintervalreport": "interval", "vqalertreport": "alert"}
SIDES = {"localmetrics": "local", "remotemetrics": "remote"}
# By line and key: the metric, and what one unit of it is.
_VALUES = {
    ("packetloss", "NLR"): ("lost_ratio", 0.01),
    ("packetloss", "JDR"): ("discarded_ratio", 0.01),
    ("burstgaploss", "BLD"): ("burst_lost_ratio", 0.01),
    ("burstgaploss", "BD"): ("burst_seconds", 0.001),
    ("burstgaploss", "GLD"): ("gap_lost_ratio", 0.01),
    ("burstgaploss", "GD"): ("gap_seconds", 0.001),
    ("jitterbuffer", "JBN"): ("buffer_seconds", 0.001),
    ("delay", "RTD"): ("round_trip_seconds", 0.001),
    ("delay", "ESD"): ("end_system_seconds", 0.001),
    ("delay", "SOWD"): ("one_way_seconds", 0.001),
    ("delay", "IAJ"): ("jitter_seconds", 0.001),
    ("delay", "MAJ"): ("mean_absolute_jitter_seconds", 0.001),
    ("qualityest", "RLQ"): ("listening_r_factor", 1.0),
    ("qualityest", "RCQ"): ("conversational_r_factor", 1.0),
    ("qualityest", "MOSLQ"): ("listening_mos", 1.0),
    ("qualityest", "MOSCQ"): ("conversational_mos", 1.0),
}
METRICS = tuple(name for name, _ in _VALUES.values())
# Above what there can be: 127 is no share, no R and no MOS, 65535 ms no time that is measured.
_MOST = {"ratio": 1.0, "seconds": 65.0, "factor": 120.0, "mos": 5.0}


class NotReport(ValueError):
    """The text is no report of voice quality."""


class Side(NamedTuple):
    """What one end received.

    Attributes:
        values: By the end of their metric's name.
        codec: As the report calls it; `sample_rate` in Hz, 0 where unsaid.
    """

    values: dict[str, float]
    codec: str = ""
    sample_rate: int = 0

    @property
    def scale(self) -> str:
        """Return on which scale R and MOS are: theirs differ by the band of the sound."""
        if not self.sample_rate:
            return "unknown"
        bands = ((8_000, "narrowband"), (16_000, "wideband"))
        return next((name for most, name in bands if self.sample_rate <= most), "fullband")


class QualityReport(NamedTuple):
    """One report; `kind` is session, interval or alert, `far_address` the other end's."""

    kind: str
    sides: dict[str, Side]
    far_address: str = ""


def read_report(body: bytes) -> QualityReport:
    """Return what a report says.

    Raises:
        NotReport: It is none.
    """
    lines = body.decode("utf-8", "replace").splitlines()[:MOST_LINES]
    kind = ""
    side, sides, far = "local", dict[str, Side](), ""
    for one in lines:
        name, colon, rest = one.partition(":")
        name = name.strip().lower()
        if name in _KINDS:
            kind = _KINDS[name]
        elif name in SIDES and colon:
            side = SIDES[name]
        elif colon:
            pairs = {key: value.strip('"') for key, value in _PAIR.findall(rest)}
            if name == "remoteaddr":
                far = pairs.get("IP", "")[:64]
            else:
                sides[side] = _read_line(sides.get(side, Side({})), name, pairs)
    found = {name: one for name, one in sides.items() if one.values}
    if not kind or not found:
        raise NotReport("no kind of report, or no value in it")
    return QualityReport(kind, found, far)


def _read_line(side: Side, name: str, pairs: dict[str, str]) -> Side:
    if name == "sessiondesc":
        rate = pairs.get("SR", "")
        known = int(rate) if rate.isdecimal() and rate.isascii() and len(rate) < 7 else 0
        return side._replace(codec=pairs.get("PD", "")[:32], sample_rate=known)
    values = dict(side.values)
    for key, text in pairs.items():
        meaning = _VALUES.get((name, key))
        if meaning is None or not _NUMBER.fullmatch(text):
            continue
        value = float(text)
        least = 1.0 if meaning[0].endswith("mos") else 0.0
        most = next(m for end, m in _MOST.items() if meaning[0].endswith(end))
        if least <= value * meaning[1] <= most:
            values[meaning[0]] = round(value * meaning[1], 6)
    return side._replace(values=values)
