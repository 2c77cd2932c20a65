"""What a run counted: answers by kind, how long they took, what was sent."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.delivery import Answer

NO_ANSWER = "no answer"
GOOD = frozenset({"202 accepted", "202 duplicate"})


@dataclass
class Tally:
    """Counts of one run."""

    results: Counter[str] = field(default_factory=Counter)
    clone_results: Counter[str] = field(default_factory=Counter)
    sent_bytes: int = 0
    silent_turns: int = 0
    latencies_seconds: array[float] = field(default_factory=lambda: array("d"))
    first_latencies_seconds: array[float] = field(default_factory=lambda: array("d"))
    reasons: dict[str, str] = field(default_factory=dict)

    def count(
        self, answer: Answer, sent_bytes: int, latency_seconds: float, *, is_open: bool = True
    ) -> None:
        """Count one answer, and keep the first reason of each that is not good.

        `is_open`: The connection was there already; one that had to be opened takes longer.
        """
        result = result_of(answer)
        self.results[result] += 1
        self.sent_bytes += sent_bytes
        if answer.status is not None:
            (self.latencies_seconds if is_open else self.first_latencies_seconds).append(
                latency_seconds
            )
        if result not in GOOD:
            self.reasons.setdefault(result, answer.reason or str(answer.body or ""))

    @property
    def is_good(self) -> bool:
        """Whether every report was taken."""
        return not set(self.results) - GOOD


def result_of(answer: Answer) -> str:
    """Return how a request ended, as the table shows it."""
    if answer.status is None:
        return NO_ANSWER
    if answer.status == 202:
        is_duplicate = (answer.body or {}).get("duplicate") is True
        return "202 duplicate" if is_duplicate else "202 accepted"
    return str(answer.status)


def percentile(values: array[float], share: float) -> float:
    """Return the value that this share of all does not exceed; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def summary(tally: Tally, *, elapsed_seconds: float, cpu_seconds: float) -> dict[str, Any]:
    """Return what is printed at the end."""
    answers = len(tally.latencies_seconds) + len(tally.first_latencies_seconds)
    return {
        "results": dict(sorted(tally.results.items())),
        "clone_results": dict(sorted(tally.clone_results.items())),
        "reasons": tally.reasons,
        "turns_without_report": tally.silent_turns,
        "reports_per_second": round(answers / max(elapsed_seconds, 0.001), 1),
        "bytes_per_request": round(tally.sent_bytes / max(answers, 1)),
        "answer_p50_ms": round(1000 * percentile(tally.latencies_seconds, 0.50), 1),
        "answer_p95_ms": round(1000 * percentile(tally.latencies_seconds, 0.95), 1),
        "answer_max_ms": round(1000 * percentile(tally.latencies_seconds, 1.0), 1),
        "with_connecting_p95_ms": round(1000 * percentile(tally.first_latencies_seconds, 0.95), 1),
        "elapsed_seconds": round(elapsed_seconds, 1),
        "cpu_ratio": round(cpu_seconds / max(elapsed_seconds, 0.001), 3),
    }
