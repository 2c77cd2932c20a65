"""What probers were asked about targets, and what they answered; asking itself is elsewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from collector.outages.topology import PROBE_PATIENCE_SECONDS, State

if TYPE_CHECKING:
    from collector.targets.targets import Target

# An answer speaks for this long; a target that is down is asked again after it.
FRESH_SECONDS = 30.0


class Answer(NamedTuple):
    """What is known of a target, since when (Unix seconds), and who saw it."""

    state: State
    at: float
    seen_from: str = ""


class Probes:
    """Questions and answers by target; lives on the event loop.

    Attributes:
        wanted: What nobody has asked yet. Attribute `wake`: set when there is something to ask.
    """

    def __init__(self) -> None:
        self.wanted: dict[str, Target] = {}
        self.wake = asyncio.Event()
        self._asked_at: dict[str, float] = {}
        self._answers: dict[str, Answer] = {}
        self._news: set[str] = set()

    def want(self, target: Target, now: float) -> None:
        """Ask about a target unless its last answer is fresh or it was just asked."""
        answer = self._answers.get(target.name)
        is_fresh = answer is not None and now - answer.at < FRESH_SECONDS
        if not is_fresh and not self.is_open(target.name, now):
            self._asked_at[target.name] = now
            self.wanted[target.name] = target
            self.wake.set()

    def is_open(self, name: str, now: float) -> bool:
        """Say whether an answer may still come."""
        asked_at = self._asked_at.get(name)
        return asked_at is not None and now - asked_at < PROBE_PATIENCE_SECONDS

    def answered(self, name: str, answer: Answer) -> None:
        """Note what a prober says; "I cannot tell" leaves what was known before."""
        self._asked_at.pop(name, None)
        if answer.state is not State.UNKNOWN:
            self._answers[name] = answer
        self._news.add(name)

    def state(self, name: str, now: float) -> State:
        """Return how a target is; an old answer says nothing, nobody's answer neither."""
        answer = self._answers.get(name)
        patience = FRESH_SECONDS + PROBE_PATIENCE_SECONDS
        if answer is None or now - answer.at > patience:
            return State.UNKNOWN
        return answer.state

    def answer(self, name: str) -> Answer | None:
        """Return the last answer that said anything."""
        return self._answers.get(name)

    def take_news(self) -> set[str]:
        """Return the targets that were answered about since the last time."""
        news, self._news = self._news, set()
        return news
