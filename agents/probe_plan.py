"""What a collector asks this agent to measure: compiled-in probes, typed parameters, intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAN_PATH = "/api/v1/plan"
# A centre may look after every router and endpoint of a province.
MOST_ASKS = 2_000
LEAST_SECONDS, MOST_SECONDS = 1.0, 86_400.0


class Ask(NamedTuple):
    """One probe of one target, every so often.

    Attributes:
        question: Somebody waits for the answer: it is asked at once, and told at once. Two with
            different questions are two, also where they ask the same.
    """

    probe: str
    every_seconds: float
    params: Mapping[str, Any]
    question: str = ""

    @property
    def name(self) -> str:
        """Return what tells it from the others of a plan."""
        more = f":{self.question}" if self.question else ""
        return f"{self.probe}:{self.params.get('target', '')}{more}"


class ProbePlan(NamedTuple):
    """All that is asked for; the tag is another whenever anything in it is."""

    tag: str
    asks: tuple[Ask, ...]


NOTHING_ASKED = ProbePlan("", ())


def read_plan(body: Mapping[str, Any] | None) -> ProbePlan | None:
    """Return the plan in an answer; None where there is none. What is malformed in it is left out.

    Args:
        body: `{"tag": …, "asks": [{"probe": …, "every_seconds": …, "params": {…}}, …]}`
    """
    if body is None or not isinstance(body.get("tag"), str) or not body["tag"]:
        return None
    given = body.get("asks")
    asks = [_ask(item) for item in given] if isinstance(given, list) else []
    return ProbePlan(body["tag"], tuple(ask for ask in asks if ask is not None)[:MOST_ASKS])


def _ask(item: object) -> Ask | None:
    if not isinstance(item, dict):
        return None
    probe, every, params = item.get("probe"), item.get("every_seconds"), item.get("params")
    question = item.get("question", "")
    if not isinstance(probe, str) or not isinstance(params, dict) or not isinstance(question, str):
        return None
    if not isinstance(every, int | float) or not LEAST_SECONDS <= every <= MOST_SECONDS:
        return None
    return Ask(probe, float(every), params, question)


def to_json(plan: ProbePlan) -> dict[str, Any]:
    """Return what `read_plan` reads."""
    return {"tag": plan.tag, "asks": [ask._asdict() for ask in plan.asks]}
