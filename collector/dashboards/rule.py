"""Rules of Prometheus as values: what is recorded, what is alerted on, and what proves it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Severity = Literal["warning", "critical"]
# How a value is written: the function of Prometheus's templates.
Written = Literal["humanizePercentage", "humanizeDuration", "humanize"]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Series(NamedTuple):
    """A series of a test and its values, one a minute, in promtool's notation."""

    name: str
    values: str


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A rule that records, with a test: these series, then this value at an instant.

    Attributes:
        name: `level:metric:operations`.
        labels: Those of the recorded series in the test.
    """

    name: str
    expr: str
    given: tuple[Series, ...]
    at: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A rule that alerts where `value` passes `limit`.

    Attributes:
        limit: A comparison, such as `> 0.01`.
        also: What must hold beside it, from `and` on; empty: nothing.
        lasting: For how long, as Prometheus writes it.
        class_code: Of the incident that it becomes at the collector.
        runbook: The name of the page that says what to do.
        written: How the value stands in the sentence.
        given, at: Series of the test, and when the alert fires in it.
        labels: Those of the fired alert, without the rule's own.
        said: How its value is written then.
        calm: Series on which it does not fire.
    """

    name: str
    value: str
    limit: str
    also: str = ""
    lasting: str
    severity: Severity
    class_code: str
    runbook: str
    written: Written = "humanize"
    given: tuple[Series, ...]
    at: str
    labels: dict[str, str]
    said: str
    calm: tuple[Series, ...]

    @property
    def expr(self) -> str:
        """Return the whole condition."""
        return f"{self.value} {self.limit}" + (f" {self.also}" if self.also else "")

    @property
    def own_labels(self) -> dict[str, str]:
        """Return the labels that the rule adds."""
        return {"severity": self.severity, "class": self.class_code}

    def template(self, sentence: str) -> str:
        """Return a sentence with `{label}` and `{value}` as a template of Prometheus."""
        return _PLACEHOLDER.sub(self._as_template, sentence)

    def expected(self, sentence: str) -> str:
        """Return the sentence as it stands in the test's alert."""
        words = {**self.labels, "value": self.said}
        return _PLACEHOLDER.sub(lambda found: words[found[1]], sentence)

    def _as_template(self, found: re.Match[str]) -> str:
        if found[1] == "value":
            return f"{{{{ $value | {self.written} }}}}"
        return f"{{{{ $labels.{found[1]} }}}}"


class Group(NamedTuple):
    """Rules that are evaluated one after another."""

    name: str
    rules: tuple[Alert, ...] | tuple[Recording, ...]
