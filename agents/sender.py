"""Sends what the spool holds: one request at a time, the newest report first."""

from __future__ import annotations

import base64
import logging
import threading
from typing import TYPE_CHECKING, Protocol

from agents.delivery import Allowance, Answer, Lane, Outcome, Step, Verdict, after, next_step
from agents.last_sent import LastSent
from agents.report import AGENT_HEADER, SIGNATURE_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agents.spool import Spool

log = logging.getLogger(__name__)
# After these the report was not taken; after silence or a proxy's 502 it may have been.
NOT_TAKEN = (401, 409, 503)
PUT_OFF = 503
UNEXPECTED_WAIT_SECONDS = 60.0


class Poster(Protocol):
    """Where reports go."""

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once; every failure is an answer."""

    def abort(self) -> None:
        """Make the request under way end now."""

    def close(self) -> None:
        """Let go of the connection."""


class Signer(Protocol):
    """Who the reports are from."""

    @property
    def agent(self) -> str:
        """The agent's id."""

    def sign(self, body: bytes) -> bytes:
        """Return the signature over a body."""


class Sender:
    """The delivery thread: `turn` is one step of it, `run` repeats it until `stop`.

    Args:
        keep_last: Told of every request, for `wanwatch-agent status`.
        heard: Told of every answer and how many reports wait after it, for the local page.
        jitter: Random, from 0 to below 1.
    """

    def __init__(
        self,
        spool: Spool,
        poster: Poster,
        identity: Signer,
        *,
        collector: str,
        keep_last: Callable[[LastSent], None],
        now: Callable[[], float],
        monotonic: Callable[[], float],
        jitter: Callable[[], float],
        heard: Callable[[Answer, int], None] | None = None,
    ) -> None:
        self._spool, self._poster, self._identity = spool, poster, identity
        self._collector, self._keep_last = collector, keep_last
        self._now, self._monotonic, self._jitter = now, monotonic, jitter
        self._heard = heard
        self._wake = threading.Event()
        self._turned = threading.Event()
        self._is_stopping = False
        self._failures = 0
        self._not_before = 0.0
        self._live_not_before = 0.0
        self._allowance = Allowance(monotonic()).after_outage(monotonic(), jitter())
        self._unheard: set[int] = set()
        self._backlog_first = False
        self._kept: int | None = None  # what the newest try did not deliver
        self._trouble = ""

    def wake(self) -> None:
        """Say that there is a new report."""
        self._wake.set()

    def stop(self) -> None:
        """Ask the loop to end after the request under way."""
        self._is_stopping = True
        self._wake.set()

    def send_last(self, seq: int, limit_seconds: float) -> bool:
        """Try a report once, now, whatever the sender waits for; return whether it arrived.

        Called by another thread while `run` repeats turns; what the request under way says of
        waiting does not count either.
        """
        deadline = self._monotonic() + limit_seconds
        while seq in self._spool:
            left = deadline - self._monotonic()
            if left <= 0 or self._kept == seq:
                return False
            self._not_before = self._live_not_before = 0.0
            self._backlog_first = False
            self.wake()
            self._turned.wait(left)
            self._turned.clear()
        return True

    def abort(self) -> None:
        """Cut the request under way short; its report stays in the spool."""
        self._poster.abort()

    def run(self) -> None:
        """Send until stopped."""
        while not self._is_stopping:
            try:
                wait = self.turn()
            except Exception:  # a report that breaks the sender must not end all delivery
                log.exception("delivery failed in an unexpected way; trying again")
                wait = UNEXPECTED_WAIT_SECONDS
            self._turned.set()
            if wait is None or wait > 0:
                self._wake.wait(wait)
                self._wake.clear()
        self._poster.close()

    def turn(self) -> float | None:
        """Send at most one report; return the seconds to wait for the next turn, None: any."""
        step = self._next()
        if step.seq is None:
            return step.wait_seconds
        if step.lane is Lane.BACKLOG:
            self._allowance = self._allowance.after_one(self._monotonic())
        self._send(step.seq, step.lane)
        return 0.0

    def _next(self) -> Step:
        live, backlog = self._spool.newest(), self._spool.oldest_held()
        return next_step(
            live=live,
            backlog=None if backlog == live else backlog,
            backlog_first=self._backlog_first,
            not_before=self._not_before,
            live_not_before=self._live_not_before,
            allowance=self._allowance,
            now=self._monotonic(),
        )

    def _send(self, seq: int, lane: Lane) -> None:
        body = self._spool.to_send(seq)
        if body is None:
            return
        answer = self._poster.post(
            body,
            {
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
                AGENT_HEADER: self._identity.agent,
                SIGNATURE_HEADER: base64.b64encode(self._identity.sign(body)).decode(),
            },
        )
        is_first = seq >= self._spool.first_of_this_run and seq not in self._unheard
        outcome = after(
            answer,
            failures=self._failures,
            is_first_attempt=is_first,
            jitter=self._jitter(),
        )
        self._backlog_first = lane is Lane.LIVE and answer.status == PUT_OFF
        self._apply(seq, body, answer, outcome)
        self._remember(seq, lane, body, answer, outcome)
        if self._heard is not None:
            self._heard(answer, len(self._spool))

    def _apply(self, seq: int, body: bytes, answer: Answer, outcome: Outcome) -> None:
        self._kept = seq if outcome.verdict is Verdict.KEEP else None
        if outcome.verdict is Verdict.KEEP:
            if outcome.live_wait_seconds:
                self._live_not_before = self._monotonic() + outcome.live_wait_seconds
                self._say(outcome.reason)
                return
            if answer.may_have_arrived and answer.status not in NOT_TAKEN:
                self._unheard.add(seq)
            self._failures += 1
            self._not_before = self._monotonic() + outcome.wait_seconds
            self._say(outcome.reason)
            return
        now = self._monotonic()
        if self._failures:
            self._allowance = self._allowance.after_outage(now, self._jitter())
        self._failures = 0
        self._not_before = 0.0
        self._unheard.discard(seq)
        if outcome.verdict is Verdict.REFUSED:
            where = self._spool.refuse(seq, body)
            log.error("report %d refused by the collector, %s: %s", seq, where, outcome.reason)
            return
        self._allowance = self._allowance.at_pace(
            outcome.backlog_per_minute, outcome.pause_seconds, now
        )
        if outcome.verdict is Verdict.RENUMBER and outcome.next_seq is not None:
            new = self._spool.renumber(seq, outcome.next_seq)
            log.warning("number %d was used before this disk's state: going on at %s", seq, new)
        self._spool.acknowledge(seq, state=outcome.state, plan=outcome.plan)
        self._say("")

    def _say(self, trouble: str) -> None:
        """One line when delivery begins to fail, fails for another reason, or works again."""
        if trouble == self._trouble:
            return
        held = len(self._spool)
        if trouble:
            log.warning("not delivered: %s; %d reports held", trouble, held)
        else:
            log.info("delivering again; %d reports held", held)
        self._trouble = trouble

    def _remember(
        self, seq: int, lane: Lane, body: bytes, answer: Answer, outcome: Outcome
    ) -> None:
        self._keep_last(
            LastSent(
                sent_at=self._now(),
                collector=self._collector,
                seq=seq,
                lane=lane.value,
                answer=outcome.reason,
                is_accepted=answer.status == 202,
                queue=len(self._spool),
                body=body,
            )
        )
