"""Questions about targets: asked once, answered by whoever can tell, fresh for half a minute."""

from __future__ import annotations

from datetime import UTC, datetime

from collector.outages.topology import PROBE_PATIENCE_SECONDS, State
from collector.probing.probes import FRESH_SECONDS, Answer, Probes
from collector.probing.probing import Probing
from collector.targets.targets import Target

NOW = 1_000.0
ROUTER = Target("rt", "rt", "rt", address="10.0.0.1", asked_by=("agent-1", "collector"))


def test_target_is_asked_about_once_until_its_answer_is_old() -> None:
    """A hundred silent hosts behind one router are one question."""
    probes = Probes()
    probes.want(ROUTER, NOW)
    del probes.wanted["rt"]
    probes.want(ROUTER, NOW + 1)
    assert probes.wanted == {}
    assert probes.is_open("rt", NOW + 1)

    probes.answered("rt", Answer(State.DOWN, NOW + 2, "collector"))
    assert not probes.is_open("rt", NOW + 3)
    assert probes.take_news() == {"rt"}
    assert probes.take_news() == set()
    probes.want(ROUTER, NOW + FRESH_SECONDS)
    assert probes.wanted == {}
    probes.want(ROUTER, NOW + 2 + FRESH_SECONDS)
    assert probes.wanted == {"rt": ROUTER}


def test_no_answer_is_neither_up_nor_down() -> None:
    """The question stays open for a while; then nothing is known."""
    probes = Probes()
    probes.want(ROUTER, NOW)
    assert probes.state("rt", NOW) is State.UNKNOWN
    assert not probes.is_open("rt", NOW + PROBE_PATIENCE_SECONDS)


def test_old_answer_says_nothing() -> None:
    """What was down a minute ago may be up."""
    probes = Probes()
    probes.answered("rt", Answer(State.DOWN, NOW, "collector"))
    assert probes.state("rt", NOW + 30) is State.DOWN
    assert probes.state("rt", NOW + 39) is State.UNKNOWN


def test_prober_that_cannot_tell_leaves_what_was_known() -> None:
    """It is no answer."""
    probes = Probes()
    probes.answered("rt", Answer(State.DOWN, NOW, "collector"))
    probes.answered("rt", Answer(State.UNKNOWN, NOW + 5))
    assert probes.state("rt", NOW + 5) is State.DOWN


class Scripted:
    """A prober with one answer, or one that breaks."""

    def __init__(self, answer: State | Exception) -> None:
        self.answer, self.asked = answer, 0

    async def probe(self, target: Target) -> State:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def asked(**probers: Scripted) -> tuple[Answer | None, int]:
    """Ask about the router; return the answer and how often somebody was told of one."""
    probes, told = Probes(), []
    named = {name.replace("_", "-"): prober for name, prober in probers.items()}
    probing = Probing(
        probes,
        named,
        told=lambda: told.append(1),
        now=lambda: datetime.fromtimestamp(NOW, UTC),
    )
    probes.want(ROUTER, NOW)
    await probing.ask(ROUTER)
    assert not probes.is_open("rt", NOW)
    return probes.answer("rt"), len(told)


async def test_first_prober_that_can_tell_decides_and_is_named() -> None:
    """The others are not asked."""
    agent, collector = Scripted(State.UP), Scripted(State.DOWN)
    answer, told = await asked(agent_1=agent, collector=collector)
    assert answer == Answer(State.UP, NOW, "agent-1")
    assert (told, collector.asked) == (1, 0)


async def test_next_prober_is_asked_when_one_cannot_tell() -> None:
    """One that is not there, does not know or breaks."""
    for agent in (Scripted(State.UNKNOWN), Scripted(OSError("no route"))):
        answer, _ = await asked(agent_1=agent, collector=Scripted(State.DOWN))
        assert answer == Answer(State.DOWN, NOW, "collector")
    answer, _ = await asked(collector=Scripted(State.DOWN))
    assert answer is not None
    assert answer.seen_from == "collector"


async def test_nobody_who_can_tell_is_no_answer() -> None:
    """Nothing is said about the target, and the question is closed."""
    answer, told = await asked(collector=Scripted(State.UNKNOWN))
    assert (answer, told) == (None, 1)
