"""The door under attack and in need: each row of the attack list that concerns it is a test."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from nacl.signing import SigningKey

from agents.report import Event
from tests.integration.collector.world import START, Agent, Clock, World, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.fleet import Host
    from collector.intake import Answer


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Clock())
    yield made
    made.database.close()


@pytest.fixture
def agent(world: World) -> Agent:
    made = Agent("a-1", world.clock)
    world.enrol(made)
    return made


def host(world: World, agent: Agent) -> Host:
    return world.fleet.hosts[agent.name]


def nothing_happened(world: World, agent: Agent) -> bool:
    found = host(world, agent)
    return not world.door.accepted and not found.received.ranges and not found.handed.current


async def test_door_answers_202_with_state_and_plan(world: World, agent: Agent) -> None:
    """An accepted report is durable, waits to be judged, and gets the next state."""
    answer = await agent.send(world, *disk(0.5))

    assert answer.status == 202
    assert set(answer.body) == {"state", "plan"}
    assert [entry.record.agent for entry in world.stream.read(world.stream.start)] == ["a-1"]
    assert len(world.door.accepted) == 1


async def test_door_refuses_an_unknown_key(world: World) -> None:
    """Who is not enrolled is nobody."""
    assert (await Agent("a-9", world.clock).send(world)).status == 401


async def test_door_refuses_a_revoked_key_at_the_next_request(world: World, agent: Agent) -> None:
    """Revocation needs no restart."""
    assert (await agent.send(world)).status == 202
    world.fleet.remove(agent.name)
    assert (await agent.send(world)).status == 401


@pytest.mark.parametrize("signature", ["", "zz", "é", base64.b64encode(bytes(64)).decode(), "QQ=="])
async def test_door_refuses_a_forged_signature(world: World, agent: Agent, signature: str) -> None:
    """A wrong, short or unreadable signature is a 401 without effect."""
    answer = await world.door.accept(agent.name, signature, "gzip", agent.body(seq=1))
    assert answer.status == 401
    assert nothing_happened(world, agent)


async def test_door_refuses_a_body_changed_on_the_way(world: World, agent: Agent) -> None:
    """The signature covers every byte."""
    body, other = agent.body(seq=1), agent.body(seq=2)
    answer = await world.door.accept(agent.name, agent.sign(body), "gzip", other)
    assert answer.status == 401


async def test_door_refuses_one_agent_speaking_for_another(world: World, agent: Agent) -> None:
    """The body's claim is only compared: unit and host come from the key."""
    victim = Agent("a-2", world.clock)
    world.enrol(victim)
    agent.seq = 1
    body = agent.body(*disk(0.01), agent="a-2")

    claimed = await agent.post(world.door, body)
    signed_by_another = await world.door.accept("a-2", agent.sign(body), "gzip", body)

    assert (claimed.status, claimed.body["field"]) == (422, "agent")
    assert signed_by_another.status == 401
    assert nothing_happened(world, victim)


async def test_replay_of_a_captured_request_has_no_effect(world: World, agent: Agent) -> None:
    """A replayed report is no data, no sign of life, and harms its owner's state in no way."""
    agent.seq = 1
    body = agent.body(*disk(0.5))
    signature = agent.sign(body)
    assert (await agent.post(world.door, body)).status == 202
    await world.turn(5)
    last, entries = host(world, agent).last_report_at, world.stream.end

    for _ in range(5):
        again = await world.door.accept(agent.name, signature, "gzip", body)
        assert (again.status, again.body["duplicate"], again.body["next"]) == (202, True, 2)

    assert host(world, agent).last_report_at == last
    assert world.stream.end == entries
    assert not world.door.accepted
    assert (await agent.send(world)).status == 202
    assert (await agent.send(world)).status == 202
    old = await world.door.accept(agent.name, signature, "gzip", body)
    assert old.status == 409
    assert (await agent.send(world)).status == 202


async def test_one_of_two_clones_gets_409(world: World, agent: Agent) -> None:
    """A copied disk speaks with the same key and an old state: it is found at once."""
    for _ in range(3):
        await agent.send(world)
    clone = Agent("a-1", world.clock)
    clone.key, clone.seq, clone.state = agent.key, agent.seq, agent.state
    await agent.send(world)
    await agent.send(world)

    answer = await clone.send(world)

    assert (answer.status, answer.body["field"]) == (409, "state")
    assert (await agent.send(world)).status == 202


async def test_empty_state_is_refused_once_a_state_was_used(world: World, agent: Agent) -> None:
    """Only before its first answer does a key have no state."""
    await agent.send(world)
    await agent.send(world)
    agent.seq = 3
    assert (await agent.post(world.door, agent.body(state=""))).status == 409


async def test_lost_answers_never_make_an_agent_a_clone(world: World, agent: Agent) -> None:
    """Even the first answer may be lost, and three in a row."""
    for _ in range(3):
        state = agent.state
        for _ in range(3):
            assert (await agent.send(world)).status == 202
            agent.state = state
        assert (await agent.send(world)).status == 202
    assert host(world, agent).received.ranges == ((1, 12),)


async def test_door_refuses_a_huge_body_before_looking_at_it(world: World, agent: Agent) -> None:
    """413 costs no signature check; so does an unknown sender's."""
    answer = await world.door.accept("nobody", "", "gzip", bytes((1 << 20) + 1))
    assert answer.status == 413


async def test_door_refuses_a_zip_bomb(world: World, agent: Agent) -> None:
    """Four mebibytes unpacked are the limit, however small it came."""
    answer = await agent.post(world.door, gzip.compress(bytes(64 << 20)))
    assert answer.status == 413
    assert nothing_happened(world, agent)


DEEP = '"sections":{"s":{"digest":"d","content":' + "[" * 100_000 + "]" * 100_000 + "}}"


@pytest.mark.parametrize(
    ("honest", "odd", "why"),
    [
        ('"sections":{}', DEEP, "deeper"),
        ('"seq":1', '"seq":1,"seq":2', "twice"),
        ('"seq":1', '"seq":1,"s\\u0065q":2', "twice"),
        ('"samples":[]', '"samples":[["m",{},NaN,0]]', "not JSON"),
        ('"sections":{}', '"sections":{"s":{"digest":"d","content":NaN}}', "not JSON"),
        ('"v":1', '"v":1,"command":"reboot"', "unknown field"),
        ('"seq":1', '"seq":1e0', "float"),
        ('"seq":1', '"seq":9007199254740993', "2^53"),
    ],
)
async def test_door_refuses_deep_and_odd_json(
    world: World, agent: Agent, honest: str, odd: str, why: str
) -> None:
    """422, no stack, no half-read report: each would be a whole report without its one oddity."""
    agent.seq = 1
    text = gzip.decompress(agent.body()).decode()
    assert text.count(honest) == 1
    answer = await agent.post(world.door, gzip.compress(text.replace(honest, odd).encode()))
    assert answer.status == 422
    assert why in answer.body["error"]
    assert nothing_happened(world, agent)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "null", '"text"', "", "\x00"])
async def test_door_refuses_what_is_no_report(world: World, agent: Agent, text: str) -> None:
    """422, whatever it is."""
    answer = await agent.post(world.door, gzip.compress(text.encode()))
    assert answer.status == 422
    assert nothing_happened(world, agent)


@pytest.mark.parametrize("part", ["events", "sections"])
async def test_door_refuses_half_a_character(world: World, agent: Agent, part: str) -> None:
    """A name that no text can hold is refused, wherever it stands."""
    agent.seq = 1
    content = json.loads(gzip.decompress(agent.body()))
    content[part] = {"sections": {"\ud800": {"digest": "d"}}, "events": [{"\ud800": 1}]}[part]
    answer = await agent.post(world.door, gzip.compress(json.dumps(content).encode()))
    assert (answer.status, answer.body["field"]) == (422, "body")
    assert nothing_happened(world, agent)


@pytest.mark.parametrize("encoding", ["", "identity", "br", "gzip, gzip", "deflate"])
async def test_door_takes_one_encoding_alone(world: World, agent: Agent, encoding: str) -> None:
    """No nesting, no other compression."""
    body = agent.body(seq=1)
    answer = await world.door.accept(agent.name, agent.sign(body), encoding, body)
    assert (answer.status, answer.body["field"]) == (422, "Content-Encoding")


@pytest.mark.parametrize(
    "sample",
    [
        ["m", {"a": "\u202etxt.exe"}, 1.0],
        ["m", {"a": "x\nHTTP/1.1 200"}, 1.0],
        ["m", {"a": "\x1b]0;title\x07"}, 1.0],
        ["m", {"a": "x" * 121}, 1.0],
        ["m\u2066", {}, 1.0],
        ["m" * 121, {}, 1.0],
    ],
)
async def test_door_refuses_characters_that_deceive(
    world: World, agent: Agent, sample: tuple[str, dict[str, str], float]
) -> None:
    """Nothing that rewrites a terminal or reorders a line gets into a label."""
    assert (await agent.send(world, sample)).status == 422
    assert nothing_happened(world, agent)


async def test_door_refuses_two_thousand_and_one_samples(world: World, agent: Agent) -> None:
    """A report has a bound, and so has what one host may keep in memory."""
    many = [("m", {"n": str(n)}, 1.0) for n in range(2_001)]
    assert (await agent.send(world, *many)).status == 422
    assert (await agent.send(world, *many[:2_000])).status == 202


async def test_series_explosion_stops_at_two_thousand_per_host(world: World, agent: Agent) -> None:
    """New label values for ever cost a counter, not memory; others are not disturbed."""
    other = Agent("a-2", world.clock)
    world.enrol(other)
    for batch in range(5):
        many = [("m", {"n": f"{batch}-{n}"}, 1.0) for n in range(1_000)]
        assert (await agent.send(world, *many)).status == 202
        await world.turn(1)
    await other.send(world, *disk(0.01))
    await world.turn()

    found = host(world, agent)
    assert len(found.series) == 2_000
    assert found.refused_series >= 3_000
    assert len(world.fleet.identities) < 2_010
    assert [row["agent"] for row in world.rows()] == ["a-2"]


async def test_flood_is_slowed_per_agent_and_tells_when_to_come(world: World, agent: Agent) -> None:
    """600 at once, then 180 a minute; another agent feels nothing."""
    other = Agent("a-2", world.clock)
    world.enrol(other)
    agent.seq = 1
    body = agent.body()
    signature = agent.sign(body)
    answers = [await world.door.accept(agent.name, signature, "gzip", body) for _ in range(605)]

    assert [answer.status for answer in answers].count(503) == 5
    assert answers[-1].retry_after_seconds == 1
    assert (await other.send(world)).status == 202
    world.clock.advance(1)
    assert (await agent.send(world)).status == 202
    assert world.door.results["rate_limited"] == 5


async def test_event_flood_is_slowed_per_agent(world: World, agent: Agent) -> None:
    """500 events a minute, whatever the number of reports."""
    events = [Event("auth_failure", START.timestamp())] * 300
    assert (await agent.send(world, events=events)).status == 202
    refused = await agent.send(world, events=events)
    assert (refused.status, refused.retry_after_seconds) == (503, 12)


async def test_wrong_clock_changes_nothing(world: World, agent: Agent) -> None:
    """An agent whose clock is ten years off is judged by ours."""
    agent.clock_error_seconds = -10 * 365 * 86_400.0
    await agent.send(world, *disk(0.01))
    await world.turn()

    row = world.rows()[0]
    assert abs((row["started_at"] - world.clock.now()).total_seconds()) < 1


@pytest.mark.parametrize("shortage", ["disk", "loop", "queue"])
async def test_shortage_sheds_metrics_and_never_events(
    world: World, agent: Agent, shortage: str
) -> None:
    """503 with Retry-After for metrics, counted; a report with events is taken whole."""
    if shortage == "disk":
        world.vitals.disk_free_ratio = 0.019
    if shortage == "loop":
        world.vitals.loop_lag_seconds = 0.3
    if shortage == "queue":
        await agent.send(world)
        world.door.accepted.extend([world.door.accepted[0]] * 5_000)

    shed = await agent.send(world, *disk(0.5))
    agent.seq -= 1
    taken = await agent.send(world, *disk(0.5), events=[Event("usb", START.timestamp())])

    assert (shed.status, shed.retry_after_seconds) == (503, 30)
    assert shortage in shed.body["error"]
    assert world.door.results[f"shed_{shortage}"] == 1
    assert taken.status == 202


async def test_seventeen_ranges_are_put_off(world: World, agent: Agent) -> None:
    """503, and nothing is forgotten."""
    for seq in range(1, 33, 2):
        agent.seq = seq - 1
        assert (await agent.send(world, oldest=1)).status == 202
    agent.seq = 99
    assert (await agent.send(world, oldest=1)).status == 503


async def test_given_up_reports_are_counted_lost_once(world: World, agent: Agent) -> None:
    """What the agent says it no longer holds and never sent is the loss."""
    await agent.send(world)
    agent.seq = 9
    await agent.send(world, oldest=5)
    await agent.send(world, oldest=5)
    assert host(world, agent).received.lost == 3


async def test_same_report_twice_at_once_is_judged_once(world: World, agent: Agent) -> None:
    """A retry that overtakes its first try in the same group is a duplicate."""
    agent.seq = 1
    body = agent.body(*disk(0.5))
    answers: list[Answer] = list(
        await asyncio.gather(*(agent.post(world.door, body) for _ in range(3)))
    )

    assert [answer.status for answer in answers] == [202, 202, 202]
    assert sum("duplicate" in answer.body for answer in answers) == 2
    assert len(world.door.accepted) == 1


async def test_full_disk_refuses_and_heals(full_disk: Path) -> None:
    """What cannot be made durable is not acknowledged; with room again all goes on."""
    from agents.segments import SegmentLog
    from collector.stream.journal import Journal

    clock = Clock()
    directory = full_disk.parent / "data"
    directory.mkdir()
    world = World(directory, clock)
    agent = Agent("a-1", clock)
    world.enrol(agent)
    world.stream = Journal(SegmentLog(full_disk / "journal"), now=clock.now)
    world.build()
    assert (await agent.send(world)).status == 202
    filler = full_disk / "filler"
    filler.write_bytes(bytes((1 << 20) - (64 << 10)))
    samples = [("m", {"n": f"{n:x}" * 9}, n / 7) for n in range(2_000)]
    answers = [await agent.send(world, *samples, oldest=agent.seq) for _ in range(6)]
    filler.unlink()
    after = await agent.send(world, *disk(0.01))

    assert answers[-1].status == 503
    assert answers[-1].retry_after_seconds == 15
    assert after.status == 202
    stored = {e.record.state for e in world.stream.read(world.stream.start)}
    given = {a.body["state"] for a in answers if a.status == 202}
    assert given < stored
    world.database.close()


async def test_label_check_is_not_skipped_for_other_spellings(world: World, agent: Agent) -> None:
    """A series that is known in one spelling is found again in another."""
    await agent.send(world, ("m", {"a": "1", "b": "2"}, 1.0))
    await world.turn(1)
    agent.seq += 1
    content = json.loads(gzip.decompress(agent.body(("m", {"b": "2", "a": "1"}, 2.0))))
    spaced = gzip.compress(json.dumps(content, indent=1).encode())
    assert (await agent.post(world.door, spaced)).status == 202
    await world.turn()

    assert [latest.value for latest in host(world, agent).latest.values()][:1] == [2.0]
    assert len(host(world, agent).series) == 2


async def test_key_before_a_change_is_good_for_a_day(world: World, agent: Agent) -> None:
    """Reports that were signed before, or whose agent has not heard yet, are taken; then not."""
    old, new = agent.key, SigningKey.generate()
    until = world.clock.now() + timedelta(days=1)
    row = (
        host(world, agent)
        .row()
        ._replace(
            public_key=bytes(new.verify_key),
            previous_key=bytes(old.verify_key),
            previous_key_until=until,
        )
    )
    world.fleet.add(row)

    assert (await agent.send(world)).status == 202
    agent.key = new
    assert (await agent.send(world)).status == 202
    agent.key = old
    world.clock.advance(86_399)
    assert (await agent.send(world)).status == 202
    world.clock.advance(1)
    assert (await agent.send(world)).status == 401
    agent.key = new
    assert (await agent.send(world)).status == 202
    agent.key = SigningKey.generate()
    assert (await agent.send(world)).status == 401
