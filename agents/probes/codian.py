"""A Codian or Cisco bridge (MCU 42xx, 45xx, 53xx, MSE 8000) over its XML-RPC.

Name and password stand in each question, so it is asked over HTTPS alone. Lists come in pages.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.check import SourceError
from agents.device import Device, DeviceParams, Told, good, token_of
from agents.device_poll import METRICS as ADMITTED
from agents.device_poll import poll
from agents.device_text import NotReadable
from agents.observation import Observation
from agents.probe import Means, Probe
from agents.probes.codian_state import (
    METRICS,
    MOST_SERIES,
    read_device,
    read_health,
    read_participants,
    told_of,
)
from agents.xml_rpc import Fault, question, read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.xml_rpc import Given

NAME = "codian"
# Faults by number, from the reference of the API: the first of a device that is something else,
# the others where the user may not, or is not who it says.
NOT_SUPPORTED, NOT_LET_IN = 1, frozenset({14, 15})
# No bridge holds more: 80 ports a blade, and four at the least to a page.
MOST_PAGES, MOST_LISTED = 60, 1_000
HEADERS = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class CodianParams(DeviceParams):
    """A bridge with HTTPS switched on; a user who may read conferences and status is enough."""


def run(params: CodianParams, means: Means) -> list[Observation]:
    """Ask for identity, health, conferences and participants, one after the other."""
    return poll(NAME, params, means, _read)


def _read(device: Device) -> Iterator[Observation]:
    of = {"target": device.params.target}
    try:
        identity = _ask(device, "device.query", {})
    except Fault as fault:
        is_other = fault.code == NOT_SUPPORTED
        raise Told(Answer.GARBAGE if is_other else Answer.OUT_OF_SERVICE) from None
    if "model" not in identity and "softwareVersion" not in identity:
        raise Told(Answer.GARBAGE)
    yield from read_device(of, identity)
    with suppress(Fault):  # a version without it
        yield from read_health(of, _ask(device, "device.health.query", {}))
    active: dict[str, Given] = {"enumerateFilter": "active", "moreThanFour": True}
    conferences = _listed(device, "conference.enumerate", "conferences", active)
    if conferences is not None:
        yield Observation("wanwatch_bridge_conferences", of, len(conferences))
    connected: dict[str, Given] = {
        "operationScope": ["currentState"],
        "enumerateFilter": "connected",
    }
    listed = _listed(device, "participant.enumerate", "participants", connected)
    if listed is not None:
        participants = read_participants(listed)
        before = device.memory.get(NAME)
        yield from told_of(of, participants, before if isinstance(before, dict) else {})
        device.memory[NAME] = {one.key: one.counted for one in participants}


def _listed(device: Device, method: str, name: str, values: dict[str, Given]) -> list[Any] | None:
    """Return all of a list; None where the device cannot give it, or never comes to its end."""
    found: list[Any] = []
    seen: set[str] = set()
    page: dict[str, Given] = {}
    for _ in range(MOST_PAGES):
        try:
            said = _ask(device, method, values | page)
        except Fault:
            return None
        some = said.get(name, [])
        if not isinstance(some, list):
            raise NotReadable("no list")
        found += some
        following = said.get("enumerateID")
        if following is None:
            return found
        following = token_of(str(following))
        if following in seen or len(found) > MOST_LISTED:
            return None
        seen.add(following)
        page = {"enumerateID": following}
    return None


def _ask(device: Device, method: str, values: dict[str, Given]) -> dict[str, Any]:
    """Return the struct of an answer.

    Raises:
        Fault: The device does not do it.
        Told: It does not let us in, or what came ends the dialogue.
    """
    who = {"authenticationUser": device.user, "authenticationPassword": device.password}
    try:
        asked = question(method, who | values)
    except ValueError:
        raise SourceError(
            f"ask {device.params.address}: credentials {device.params.credentials!r} have a "
            "character that XML cannot carry. Nothing was sent; give the device's user a password "
            "without control characters"
        ) from None
    came = good(device.post("/RPC2", asked, HEADERS))
    try:
        said = read_answer(came.body)
    except Fault as fault:
        if fault.code in NOT_LET_IN:
            raise Told(Answer.DENIED) from None
        raise
    if not isinstance(said, dict):
        raise NotReadable("no struct")
    return said


PROBE = Probe(
    NAME,
    every_seconds=10,
    limit_seconds=10,
    params=CodianParams,
    metrics=(*METRICS, *ADMITTED),
    most_series=MOST_SERIES + 5,
    run=run,
)
