"""A device by SNMP 1, 2c or 3: which families it is of, and what each of them says."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation, SourceError
from agents.probe import Means, Params, Probe, allow, allow_number, answered
from agents.snmp.detect import (
    IDENTITY,
    Detected,
    confirmed,
    identity_of,
    likely,
    still_stands,
)
from agents.snmp.engine import Failed
from agents.snmp.family import Poll
from agents.snmp.scan import known_families
from agents.snmp.session import Habits, visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


class _Read:
    """What came of one visit, as far as it came."""

    def __init__(self) -> None:
        self.seconds: float | None = None
        self.identity: Identity | None = None
        self.families: list[Family] = []
        self.values: Values = {}
        self.whole: set[str] = set()


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
    memory = means.memory
    paused_until = memory.get("paused_until")
    if isinstance(paused_until, float) and means.monotonic() < paused_until:
        return list(answered(NAME, params.target, Answer.DENIED))
    read = _Read()
    answer = _visit(params, credential, means, read)
    if answer is Answer.DENIED:
        memory["paused_until"] = means.monotonic() + PAUSE_SECONDS
    found = [*answered(NAME, params.target, answer, read.seconds), *_evaluate(params, means, read)]
    return found[:MOST_SERIES]


def _visit(params: SnmpParams, credential: Credential, means: Means, read: _Read) -> Answer:
    memory = means.memory
    habits = memory.get("habits")
    try:
        with visit(
            params.address,
            params.port,
            credential,
            limit_seconds=params.limit_seconds,
            monotonic=means.monotonic,
            habits=habits if isinstance(habits, Habits) else Habits(),
        ) as session:
            try:
                return _read(params, means, session, read)
            finally:
                memory["habits"] = session.habits
    except Failed as failed:
        was_right = memory.pop("was_right", False)
        # Two packets lost in a row look like a wrong community: only the second time it is one.
        return Answer.SILENT if failed.is_guess and was_right else failed.answer


def _read(params: SnmpParams, means: Means, session: Session, read: _Read) -> Answer:
    memory, started_at = means.memory, means.monotonic()
    read.values = session.get(IDENTITY)
    read.seconds = means.monotonic() - started_at
    read.identity = identity = identity_of(read.values)
    memory["was_right"] = True
    if not identity.description and not identity.object_id:
        return Answer.WRONG_CONTENT
    read.families = _families(params, means, session, read)
    before = memory.get("values")
    asked = _asked(params, means, read.families, before if isinstance(before, dict) else {})
    leaves = dict.fromkeys(leaf for one in asked.values() for leaf in one.leaves)
    read.values |= session.get([leaf for leaf in leaves if leaf not in read.values])
    for name, one in asked.items():
        for table in one.tables:
            if table not in read.whole:
                read.values |= session.walk(table)
                read.whole.add(table)
        read.whole.add(name)
    memory["values"] = read.values
    return Answer.RIGHT


def _families(params: SnmpParams, means: Means, session: Session, read: _Read) -> list[Family]:
    """Return what the device is, from memory while that stands."""
    known, identity, at = known_families(), read.identity, means.monotonic()
    assert identity is not None
    if params.families:
        return [known[name] for name in params.named][:MOST_FAMILIES]
    before = means.memory.get("detected")
    if isinstance(before, Detected) and still_stands(before, identity, at):
        return [known[name] for name in before.families]
    candidates = likely(identity, known.values())
    leaves = dict.fromkeys(one.leaf for one in candidates if one.leaf)
    found = confirmed(candidates, session.get(list(leaves)))[:MOST_FAMILIES]
    means.memory["detected"] = Detected(identity, tuple(one.name for one in found), at)
    return found


def _asked(
    params: SnmpParams, means: Means, families: Iterable[Family], before: Values
) -> dict[str, Asked]:
    """Return what each family wants to know; one that fails wants nothing."""
    wanted: dict[str, Asked] = {}
    for one in families:
        try:
            wanted[one.name] = one.asked(before)
        except Exception as error:  # noqa: BLE001  # the other families go on
            _tell(one, params, means, error)
    return wanted


def _evaluate(params: SnmpParams, means: Means, read: _Read) -> Iterator[Observation]:
    """Yield what the families say of what was read for them in whole, no series twice."""
    if read.identity is None:
        return
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for family in read.families:
        if family.name not in read.whole:
            continue
        labels = {"target": params.target, "family": family.name}
        yield Observation(INFO, {**labels, "object_id": read.identity.object_id[:120]}, 1)
        for one in _said(family, params, means, read.identity, read.values):
            key = one.name, tuple(sorted(one.labels.items()))
            if key not in seen and isfinite(one.value):
                seen.add(key)
                yield one


def _said(
    family: Family, params: SnmpParams, means: Means, identity: Identity, values: Values
) -> Iterable[Observation]:
    """Return what one family says; nothing where it fails, which stops no other."""
    memory = means.memory.setdefault(f"family {family.name}", {})
    assert isinstance(memory, dict)
    poll = Poll(params.target, identity, values, means.monotonic(), memory)
    try:
        return list(islice(family.evaluate(poll), family.most_series))
    except Exception as error:  # noqa: BLE001  # whatever a device said, the other families go on
        _tell(family, params, means, error)
        return []


def _tell(family: Family, params: SnmpParams, means: Means, error: Exception) -> None:
    """Log that a family failed, once for each way."""
    told, failed = f"told {family.name}", f"{type(error).__name__}: {error}"
    if means.memory.get(told) != failed:
        _log.error("family %s of target %s failed: %s", family.name, params.target, failed)
        means.memory[told] = failed


PROBE = Probe(
    NAME,
    every_seconds=60,
    limit_seconds=10,
    params=SnmpParams,
    metrics=(INFO,),
    most_series=MOST_SERIES,
    run=run,
)
