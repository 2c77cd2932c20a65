"""The state each answer hands out: by it two machines with one key are told apart."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

# A state is hexadecimal: its generation, what tells siblings apart, and a proof that we made it.
GENERATION_CHARACTERS = 12
SIBLING_CHARACTERS = 12
PROOF_CHARACTERS = 24
STATE_CHARACTERS = GENERATION_CHARACTERS + SIBLING_CHARACTERS + PROOF_CHARACTERS
MAX_SIBLINGS = 8
MAX_RETRIED = 8


class Handed(NamedTuple):
    """What was handed out to one key.

    Attributes:
        previous: The state that the last accepted request presented.
        current: What was handed out in answer to `previous`, newest first. More than one when
            `previous` was presented again (a lost answer, two lanes, a replay): the agent goes on
            from whichever answer reached it.
    """

    previous: str = ""
    current: tuple[str, ...] = ()

    def allows(self, presented: str) -> bool:
        """Say whether the key's one holder may present this; anything, before the first answer."""
        return not self.current or presented == self.previous or presented in self.current

    def after(self, presented: str, new: str) -> Handed:
        """Return what is handed out once `new` answers `presented`.

        Presenting an answer makes it `previous` and voids its siblings: of two clones that hold
        different answers to one state, the second is found.
        """
        if presented != self.previous or not self.current:
            return Handed(presented, (new,))
        siblings = tuple(state for state in self.current if state != new)
        return Handed(presented, (new, *siblings)[:MAX_SIBLINGS])

    def answer(self, secret: bytes, agent: str, presented: str, seq: int, body: bytes) -> str:
        """Return the state that answers this request; the same request has the same answer.

        Siblings are of one generation; every other answer is of a later one than all before it.
        """
        newest = max(map(_generation, self.current), default=0)
        if not self.current or presented != self.previous:
            newest = max(newest, _generation(self.previous), _generation(presented)) + 1
        digest = hashlib.sha256(body).hexdigest()
        sibling = _mac(secret, f"{agent}|{presented}|{seq}|{digest}")[:SIBLING_CHARACTERS]
        content = f"{newest:0{GENERATION_CHARACTERS}x}{sibling}"
        return content + _proof(secret, agent, content)

    def opened(self) -> Handed:
        """Return what lets the next one in whatever it presents; what was handed out counts on."""
        known = (self.previous, *self.current)
        return Handed(max(known, key=_generation))

    def has_forgotten(self, secret: bytes, agent: str, presented: str) -> bool:
        """Say whether we handed this out later than all that we know of.

        That is so after our tables were restored from a copy: the agent is right and we are not.
        What a clone presents is never newer than what its twin was given.
        """
        newest = max(map(_generation, (self.previous, *self.current)))
        return _generation(presented) > newest and _is_ours(secret, agent, presented)


class Refused:
    """The requests of one key that were lately refused because of their state."""

    __slots__ = ("_made_at",)

    def __init__(self) -> None:
        self._made_at: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._made_at)

    def shows_another_machine(
        self, seq: int, sent_at: float, *, is_new_seq: bool, newest_sent_at: float
    ) -> bool:
        """Say whether a refused request was made just now, or somebody repeats a captured one.

        Only a machine that holds the key makes a request that was never sent before. A repeated
        one has a number that came, was made before the newest one that did, and never differs
        from itself. Whoever merely repeats must not be able to shut an honest key out.

        Args:
            sent_at: The agent's clock in this request; `newest_sent_at` in the newest accepted.
        """
        before = self._made_at.get(seq)
        self._made_at[seq] = sent_at
        if len(self._made_at) > MAX_RETRIED:
            del self._made_at[next(iter(self._made_at))]
        is_retried = before is not None and before != sent_at
        return is_new_seq or sent_at > newest_sent_at or is_retried


def _generation(state: str) -> int:
    """Return how many answers led to this state; 0 for one that has no such form."""
    return int(state[:GENERATION_CHARACTERS], 16) if len(state) == STATE_CHARACTERS else 0


def _is_ours(secret: bytes, agent: str, state: str) -> bool:
    content, proof = state[:-PROOF_CHARACTERS], state[-PROOF_CHARACTERS:]
    return hmac.compare_digest(_proof(secret, agent, content), proof)


def _proof(secret: bytes, agent: str, content: str) -> str:
    return _mac(secret, f"state|{agent}|{content}")[:PROOF_CHARACTERS]


def _mac(secret: bytes, message: str) -> str:
    return hmac.digest(secret, message.encode(), "sha256").hex()
