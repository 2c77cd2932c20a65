"""A device by SNMP 1, 2c or 3: which families it is of, and what each of them says."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from itertools import islice
from math import inf, isfinite
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation, SourceError
from agents.probe import Means, Params, Probe, allow, allow_number, answered
from agents.snmp.detect import (
    IDENTITY,
    Detected,
    confirmed,
    identity_of,
    is_same,
    likely,
    still_stands,
)
from agents.snmp.engine import Failed
from agents.snmp.family import Poll
from agents.snmp.reading import Reading, Shape
from agents.snmp.scan import known_families
from agents.snmp.session import LEAVES_AT_ONCE, Habits, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agents.snmp.credential import Credential
    from agents.snmp.family import Asked, Family, Identity, Values
    from agents.snmp.session import Session

NAME = "snmp"
INFO = "wanwatch_device_info"
MOST_SERIES = 1_500
MOST_FAMILIES = 16
# Devices lock accounts after some wrong passwords.
PAUSE_SECONDS = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SnmpParams(Params):
    """A device and the name of its credentials; `families` by comma, empty to find out."""

    credentials: str
    port: int = 161
    families: str = ""
    limit_seconds: float = 10.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow("credentials", self.credentials, self.credentials, "the name of credentials")
        allow_number("port", self.port, 1, 65_535)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 30)
        if self.families:
            known = known_families()
            is_known = all(name in known for name in self.named)
            allow("families", self.families, is_known, ", ".join(known))

    @property
    def named(self) -> list[str]:
        """Return the families that are given."""
        return [name for one in self.families.split(",") if (name := one.strip())]


@dataclass(slots=True)
class Kept:
    """What the probe notes of a device between its visits; gone with the process.

    Attributes:
        leaves: What was asked for by name at the last visit: the next begins with some of it.
        was_right: It answered last time.
        families: Each family's own notes.
        told: What was logged of each family.
    """

    habits: Habits = field(default_factory=Habits)
    rows: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    leaves: tuple[str, ...] = ()
    detected: Detected | None = None
    was_right: bool = False
    paused_until: float = -inf
    families: dict[str, dict[str, object]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)


class Read:
    """What came of one visit, as far as it came; without an identity it is nothing."""

    def __init__(self) -> None:
        self.seconds: float | None = None
        self.identity: Identity | None = None
        self.values: Values = {}
        self.whole: list[Family] = []


def run(params: SnmpParams, means: Means) -> list[Observation]:
    """Visit a device; in the minute after a refusal what it said stands, unasked.

    Raises:
        SourceError: This host cannot ask.
    """
    credential = means.snmp_credentials.get(params.credentials)
    if credential is None:
        raise SourceError(
            f"ask {params.address} by SNMP: no table [{params.credentials}] of credentials on this "
            "agent. Nothing was sent; add it to the file of 'probe_credentials'"
        )
    kept = means.memory.setdefault("kept", Kept())
    assert isinstance(kept, Kept)
    if means.monotonic() < kept.paused_until:
        return list(answered(NAME, params.target, Answer.DENIED))
    read = Read()
    answer = _visit(params, credential, means, kept, read)
    if answer is Answer.DENIED:
        kept.paused_until = means.monotonic() + PAUSE_SECONDS
    said = _evaluate(params.target, kept, read, means.monotonic())
    found = [*answered(NAME, params.target, answer, read.seconds), *said]
    return found[:MOST_SERIES]


def _visit(
    params: SnmpParams, credential: Credential, means: Means, kept: Kept, read: Read
) -> Answer:
    try:
        with visit(
            params.address,
            params.port,
            credential,
            limit_seconds=params.limit_seconds,
            monotonic=means.monotonic,
            habits=kept.habits,
            rows=kept.rows,
        ) as session:
            try:
                return _read(params, session, kept, read, means.monotonic)
            finally:
                kept.habits = session.habits
    except Failed as failed:
        was_right, kept.was_right = kept.was_right, False
        # Two packets lost in a row look like a wrong community: only the second time it is one.
        return Answer.SILENT if failed.is_guess and was_right else failed.answer


def _read(
    params: SnmpParams,
    session: Session,
    kept: Kept,
    read: Read,
    monotonic: Callable[[], float],
) -> Answer:
    started_at = monotonic()
    reading = Reading(session, kept.shapes, started_at)
    reading.get((*IDENTITY, *kept.leaves)[:LEAVES_AT_ONCE])
    read.seconds = monotonic() - started_at
    read.values = reading.values
    read.identity = identity = identity_of(reading.values)
    kept.was_right = True
    if not identity.description and not identity.object_id:
        return Answer.WRONG_CONTENT
    families = _families(params, session, kept, identity, started_at)
    asked = dict(_asked(params.target, kept, families))
    try:
        reading.read(asked.values())
    finally:
        read.whole = [
            one for one in families if one.name in asked and reading.is_whole(asked[one.name])
        ]
    kept.values = reading.values
    kept.leaves = tuple(reading.asked[len(IDENTITY) :])
    return Answer.RIGHT


def _families(
    params: SnmpParams, session: Session, kept: Kept, identity: Identity, at: float
) -> list[Family]:
    """Return what the device is, from memory while that stands."""
    known, before = known_families(), kept.detected
    if before is not None and not is_same(before.identity, identity):
        kept.values, kept.families = {}, {}
        kept.shapes.clear()
    if params.families:
        kept.detected = Detected(identity, (), at)
        return [known[name] for name in params.named][:MOST_FAMILIES]
    if before is not None and still_stands(before, identity, at):
        return [known[name] for name in before.families]
    candidates = likely(identity, known.values())
    leaves = dict.fromkeys(one.leaf for one in candidates if one.leaf)
    found = confirmed(candidates, session.get(list(leaves)))[:MOST_FAMILIES]
    kept.detected = Detected(identity, tuple(one.name for one in found), at)
    return found


def _asked(target: str, kept: Kept, families: Iterable[Family]) -> Iterator[tuple[str, Asked]]:
    """Yield what each family wants to know; one that fails wants nothing."""
    for one in families:
        try:
            yield one.name, one.asked(kept.values)
        except Exception as error:  # noqa: BLE001  # the other families go on
            _tell(target, kept, one, error)


def _evaluate(target: str, kept: Kept, read: Read, at: float) -> Iterator[Observation]:
    """Yield what the families say of what was read for them in whole, no series twice."""
    if read.identity is None:
        return
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for family in read.whole:
        labels = {"target": target, "family": family.name}
        yield Observation(INFO, {**labels, "object_id": read.identity.object_id[:120]}, 1)
        notes = kept.families.setdefault(family.name, {})
        poll = Poll(target, read.identity, read.values, at, notes)
        try:
            said = list(islice(family.evaluate(poll), family.most_series))
        except Exception as error:  # noqa: BLE001  # whatever a device said, the others go on
            _tell(target, kept, family, error)
            continue
        for one in said:
            key = one.name, tuple(one.labels.items())
            if key not in seen and isfinite(one.value):
                seen.add(key)
                yield one


def _tell(target: str, kept: Kept, family: Family, error: Exception) -> None:
    """Log that a family failed, once for each way."""
    failed = f"{type(error).__name__}: {error}"
    if kept.told.get(family.name) != failed:
        _log.error("family %s of target %s failed: %s", family.name, target, failed)
        kept.told[family.name] = failed


PROBE = Probe(
    NAME,
    every_seconds=60,
    limit_seconds=10,
    params=SnmpParams,
    metrics=(INFO,),
    most_series=MOST_SERIES,
    run=run,
)
