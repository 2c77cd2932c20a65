"""The probe of devices by SNMP against a responder with records of our own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agents.answer import Answer
from agents.check import SourceError
from agents.probes import snmp
from agents.probes.snmp import INFO, PAUSE_SECONDS, Kept, SnmpParams
from agents.snmp.credential import Community
from tests.probe_means import MEANS
from tests.probe_servers import LOOPBACK, udp_server
from tests.snmp_servers import V2, answer_to, is_kind, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from agents.observation import Observation
    from agents.probe import Means

SYSTEM = "1.3.6.1.2.1.1"
POLY = "1.3.6.1.4.1.13885.101"
IF = "1.3.6.1.2.1.2.2.1"


def system(description: str, object_id: str, ticks: int = 360_000) -> str:
    return (
        f"{SYSTEM}.1.0|4|{description}\n{SYSTEM}.2.0|6|{object_id}\n{SYSTEM}.3.0|67|{ticks}\n"
        f"{SYSTEM}.5.0|4|hop-1\n"
    )


PORTS = "".join(
    f"{IF}.{column}.{row}|{tag}|{value}\n"
    for column, tag, value in ((2, 4, "eth"), (3, 2, 6), (5, 66, 10**9), (7, 2, 1), (8, 2, 1))
    for row in (1, 2)
)
STUDIO = f"""\
{POLY}.1.1.1.0|4|3.10.0
{POLY}.1.1.4.0|4|StudioX50
{POLY}.1.1.5.0|4|8L1234
{POLY}.1.2.8.1.0|2|2
{POLY}.1.2.8.3.1.2.1|2|3
"""
RECORDS = {
    # The number of the company that was bought, as Poly's studios answer.
    "studio": system("Polycom Studio X50", "1.3.6.1.4.1.2684") + PORTS + STUDIO,
    "not-one": system("Something else", "1.3.6.1.4.1.2684") + PORTS,
    "switch": system("Switch", "1.3.6.1.4.1.25506.1.1") + PORTS,
    "nobody": f"{SYSTEM}.4.0|4|somebody\n",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Four devices, each a community."""
    with simulator(tmp_path_factory.mktemp("simulator"), RECORDS) as serving:
        yield serving


def new_means(**changes: Any) -> Means:
    known = {name: Community("2c", name) for name in (*RECORDS, "wrong")}
    return replace(MEANS, memory={}, snmp_credentials=known, **changes)


def poll(means: Means, port: int, name: str, **more: Any) -> list[Observation]:
    given = {"limit_seconds": 4.0, **more}
    return snmp.run(SnmpParams("hop-1", LOOPBACK, credentials=name, port=port, **given), means)


def kept_of(means: Means) -> Kept:
    kept = means.memory["kept"]
    assert isinstance(kept, Kept)
    return kept


def answer(found: list[Observation]) -> Answer:
    (value,) = [one.value for one in found if one.name == "wanwatch_probe_answer_code"]
    return Answer(int(value))


def families(found: list[Observation]) -> set[str]:
    return {one.labels["family"] for one in found if one.name == INFO}


def test_finds_out_what_a_device_is(port: int) -> None:
    """By its identifier, and by a leaf that only such a device has."""
    found = poll(new_means(), port, "studio")
    assert answer(found) is Answer.RIGHT
    assert {"poly_endpoint", "interfaces", "system"} <= families(found)
    registered = [one for one in found if one.name == "wanwatch_endpoint_registered"]
    assert [(one.labels["protocol"], one.value) for one in registered] == [("sip", 0)]
    models = [one.labels["model"] for one in found if one.name == "wanwatch_endpoint_info"]
    assert models == ["StudioX50"]

    without = poll(new_means(), port, "not-one")
    assert answer(without) is Answer.RIGHT
    assert "poly_endpoint" not in families(without)
    assert {"interfaces", "system"} <= families(without)


def test_another_device_at_the_address_is_found_out_at_once(port: int) -> None:
    """What it was is kept while it says that it is the same, and not longer."""
    means = new_means()
    assert "poly_endpoint" in families(poll(means, port, "studio"))
    before = kept_of(means).detected
    assert "poly_endpoint" in families(poll(means, port, "studio"))
    assert kept_of(means).detected is before
    assert "poly_endpoint" not in families(poll(means, port, "switch"))


def test_families_that_are_given_are_taken(port: int) -> None:
    """And no others; a name that is none is not allowed."""
    found = poll(new_means(), port, "studio", families="system, interfaces")
    assert families(found) == {"system", "interfaces"}
    with pytest.raises(ValueError, match=r"parameter 'families' is 'nokia'; allowed is .*system"):
        SnmpParams("it", LOOPBACK, credentials="x", families="nokia")


def test_a_device_that_does_not_say_who_it_is_has_the_wrong_content(port: int) -> None:
    """It is alive, and nothing is made up about it."""
    found = poll(new_means(), port, "nobody")
    assert answer(found) is Answer.WRONG_CONTENT
    assert families(found) == set()


def test_wrong_credentials_leave_the_device_alone_for_a_minute(port: int) -> None:
    """Nothing is sent meanwhile; then it is asked again."""
    offset = 0.0
    means = new_means(monotonic=lambda: MEANS.monotonic() + offset)
    assert answer(poll(means, port, "wrong", limit_seconds=0.6)) is Answer.DENIED
    seen: list[bytes] = []

    def hear(data: bytes) -> list[bytes]:
        seen.append(data)
        return []

    with udp_server(hear) as silent:
        assert answer(poll(means, silent, "wrong", limit_seconds=0.2)) is Answer.DENIED
        assert seen == []
        offset = PAUSE_SECONDS + 1
        assert answer(poll(means, silent, "wrong", limit_seconds=0.2)) is Answer.SILENT
        assert seen


def test_silence_after_a_right_answer_is_not_wrong_credentials_yet(port: int) -> None:
    """Packets get lost: only the second time in a row somebody has changed something."""
    means = new_means()
    assert answer(poll(means, port, "switch")) is Answer.RIGHT
    codes = [answer(poll(means, port, "wrong", limit_seconds=0.6)) for _ in range(2)]
    assert codes == [Answer.SILENT, Answer.DENIED]


def test_no_such_credentials_is_this_agents_fault() -> None:
    """Nothing is sent, and it says what to do."""
    with pytest.raises(SourceError, match=r"no table \[nothing\] of credentials on this agent"):
        poll(new_means(), 9, "nothing")


def test_a_device_that_stops_in_the_middle_tells_what_was_whole() -> None:
    """Alive, not all of it, and no family on half of its values."""

    def tired(data: bytes) -> list[bytes]:
        if not is_kind(data, "GetRequestPDU"):
            return []
        values = {
            f"{SYSTEM}.1.0": V2.OctetString("Tired"),
            f"{SYSTEM}.2.0": V2.ObjectIdentifier("1.3.6.1.4.1.25506.1.1"),
            f"{SYSTEM}.3.0": V2.TimeTicks(5),
        }
        none = V2.NoSuchObject("")
        return [answer_to(data, lambda asked: [(one, values.get(one, none)) for one in asked])]

    with udp_server(tired) as port:
        given = {"families": "system,interfaces", "limit_seconds": 0.6}
        found = poll(new_means(), port, "switch", **given)
    assert answer(found) is Answer.WRONG_CONTENT
    assert families(found) == {"system"}
    assert "wanwatch_device_uptime_seconds" in {one.name for one in found}
