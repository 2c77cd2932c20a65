"""What a collector asks this agent to measure: compiled-in probes, typed parameters, intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAN_PATH = "/api/v1/plan"
# A centre may look after every router and endpoint of a province.
MOST_ASKS = 2_000
LEAST_SECONDS, MOST_SECONDS = 1.0, 86_400.0
SLOWEST_REPORTS_SECONDS = 60.0


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


class Hurry(NamedTuple):
    """What is asked for more often, for a while, whatever becomes of the collector.

    Attributes:
        report_seconds: Between reports, where the agent's own setting is slower.
        for_seconds: From the moment it is heard.
        asks: In place of those of the plan that have the same name.
    """

    report_seconds: float
    for_seconds: float
    asks: tuple[Ask, ...] = ()


class ProbePlan(NamedTuple):
    """All that is asked for; the tag is another whenever anything in it is but how long is left."""

    tag: str
    asks: tuple[Ask, ...]
    hurry: Hurry | None = None

    @property
    def hurried(self) -> tuple[Ask, ...]:
        """Return what is asked for while it is in a hurry."""
        sooner = {} if self.hurry is None else {ask.name: ask for ask in self.hurry.asks}
        return tuple(sooner.get(ask.name, ask) for ask in self.asks)


NOTHING_ASKED = ProbePlan("", ())


def read_plan(body: Mapping[str, Any] | None) -> ProbePlan | None:
    """Return the plan in an answer; None where there is none. What is malformed in it is left out.

    Args:
        body: `{"tag": …, "asks": [{"probe": …, "every_seconds": …, "params": {…}}, …]}`, and
            perhaps `"hurry": {"report_seconds": …, "for_seconds": …, "asks": […]}`.
    """
    if body is None or not isinstance(body.get("tag"), str) or not body["tag"]:
        return None
    return ProbePlan(body["tag"], _asks(body.get("asks")), _hurry(body.get("hurry")))


def _asks(given: object) -> tuple[Ask, ...]:
    found = [_ask(item) for item in given] if isinstance(given, list) else []
    return tuple(ask for ask in found if ask is not None)[:MOST_ASKS]


def _hurry(given: object) -> Hurry | None:
    if not isinstance(given, dict):
        return None
    report, lasts = given.get("report_seconds"), given.get("for_seconds")
    if not isinstance(report, int | float) or not isinstance(lasts, int | float):
        return None
    if not LEAST_SECONDS <= report <= SLOWEST_REPORTS_SECONDS or not 0 < lasts <= MOST_SECONDS:
        return None
    return Hurry(float(report), float(lasts), _asks(given.get("asks")))


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
    found: dict[str, Any] = {"tag": plan.tag, "asks": [ask._asdict() for ask in plan.asks]}
    if plan.hurry is not None:
        asks = [ask._asdict() for ask in plan.hurry.asks]
        found["hurry"] = {**plan.hurry._asdict(), "asks": asks}
    return found
