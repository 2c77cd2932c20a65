"""History out of Prometheus or VictoriaMetrics: the raw samples of what the rules look at.

A span is asked for piece by piece, `{__name__=~"…"}[5m]` at the end of each, so that neither side
holds more than a piece. What one host had at nearly one instant becomes one report again.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from collector.backtest.history import Held, Recorded
from collector.backtest.labels import Owners, own_labels
from collector.wire import WireReport, WireSamples

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from collector.backtest.labels import Named

PIECE = timedelta(minutes=5)
TIMEOUT_SECONDS = 60.0
MOST_ANSWER_BYTES = 256 << 20
# What comes within this part of a host's interval belongs to one report.
ONE_REPORT = 0.4
NAMES_A_QUERY = 100
BOOT = "history"

Sample = tuple[float, str, bytes, float]


class PrometheusError(Exception):
    """It does not answer, or not as its interface promises; the text says what to do."""


class PrometheusHistory:
    """Asks `/api/v1/query` for the samples of some metrics.

    Args:
        url: Up to, and without, `/api/v1`.
        token: Bearer token; empty: none is asked for.
        added: Labels that are on every series and are no host's own.
        metrics: The names that any rule looks at.
        hosts: Whose samples are wanted.
        intervals: How often each host reports, in seconds.
    """

    def __init__(
        self,
        url: str,
        metrics: Iterable[str],
        hosts: Iterable[Named],
        intervals: Mapping[str, int],
        *,
        token: str = "",
        added: Collection[str] = (),
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, headers=headers)
        self._url, self._owners, self._intervals = url.rstrip("/"), Owners(hosts), intervals
        self._names, self._added = sorted(set(metrics)), frozenset(added)
        self._seq: dict[str, int] = {}
        self._raw: dict[tuple[tuple[str, str], ...], tuple[str, str, bytes] | None] = {}
        self._waiting: dict[str, list[Sample]] = {}
        self.held = Held(notes=["prometheus"])

    def read(self, start: datetime, until: datetime) -> Iterator[Recorded]:
        """Yield reports made of the samples.

        Raises:
            PrometheusError: It cannot be asked.
        """
        with self._client:
            at = start
            while at < until:
                upto = min(at + PIECE, until)
                self._collect(at, upto)
                yield from self._reports(upto, is_last=upto >= until)
                at = upto

    def _collect(self, since: datetime, until: datetime) -> None:
        """Take in the samples from one instant to before another."""
        # One more: newer versions leave out a sample at the very beginning of a range.
        milliseconds = round((until - since).total_seconds() * 1000) + 1
        for first in range(0, len(self._names), NAMES_A_QUERY):
            names = "|".join(re.escape(n) for n in self._names[first : first + NAMES_A_QUERY])
            query = f'{{__name__=~"{names}"}}[{milliseconds}ms]'
            for series in self._ask(query, until):
                self._take(series, since.timestamp(), until.timestamp())

    def _take(self, series: Mapping[str, Any], since: float, until: float) -> None:
        labels = series["metric"]
        key = tuple(sorted(labels.items()))
        if key not in self._raw:
            agent = self._owners.of(labels)
            own = msgspec.json.encode(own_labels(labels, self._added), order="deterministic")
            self._raw[key] = None if agent is None else (agent, labels["__name__"], own)
        whose = self._raw[key]
        if whose is None:
            return
        agent, name, raw = whose
        waiting = self._waiting.setdefault(agent, [])
        for at, text in series["values"]:
            value = float(text)
            if since <= at < until and math.isfinite(value):
                waiting.append((at, name, raw, value))

    def _reports(self, until: datetime, *, is_last: bool) -> Iterator[Recorded]:
        """Yield what is complete; the last of a host may go on in the next piece."""
        ready: list[Recorded] = []
        for agent, waiting in self._waiting.items():
            waiting.sort()
            spacing = ONE_REPORT * self._intervals.get(agent, 60)
            groups = list(_groups(waiting, spacing))
            rest: list[Sample] = []
            if groups and not is_last and until.timestamp() - groups[-1][0][0] < spacing:
                rest = groups.pop()
            self._waiting[agent] = rest
            ready += [self._report(agent, group) for group in groups]
        for recorded in sorted(ready, key=lambda one: one.at):
            self.held.first_at = self.held.first_at or recorded.at
            self.held.last_at = max(self.held.last_at or recorded.at, recorded.at)
            self.held.reports += 1
            yield recorded

    def _report(self, agent: str, group: list[Sample]) -> Recorded:
        seq = self._seq[agent] = self._seq.get(agent, 0) + 1
        latest = {(name, raw): (value, at) for at, name, raw, value in group}
        ordered = sorted(latest.items())
        samples = WireSamples(
            tuple(name for (name, _), _ in ordered),
            tuple(msgspec.Raw(raw) for (_, raw), _ in ordered),
            tuple(value for _, (value, _) in ordered),
            tuple(at for _, (_, at) in ordered),
        )
        sent_at = group[-1][0]
        report = WireReport(agent, BOOT, seq, seq, "", sent_at, samples, [], {})
        return Recorded(datetime.fromtimestamp(sent_at, UTC), agent, report)

    def _ask(self, query: str, at: datetime) -> list[dict[str, Any]]:
        url = f"{self._url}/api/v1/query"
        form = {"query": query, "time": f"{at.timestamp():.3f}", "timeout": "60s"}
        try:
            answer = self._client.post(url, data=form)
            if len(answer.content) > MOST_ANSWER_BYTES:
                why = f"an answer of {len(answer.content)} bytes for {PIECE}"
                raise PrometheusError(f"POST {url}: {why}: try fewer rules")
            said = msgspec.json.decode(answer.content)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise PrometheusError(f"POST {url}: {type(error).__name__}: {error}") from error
        if answer.status_code != httpx.codes.OK or said.get("status") != "success":
            why = said.get("error", f"status {answer.status_code}")
            raise PrometheusError(f"POST {url}: {why}")
        found: list[dict[str, Any]] = said["data"]["result"]
        return found


def _groups(samples: list[Sample], spacing_seconds: float) -> Iterator[list[Sample]]:
    """Yield the samples of one report after the other; a series is in a report once."""
    group: list[Sample] = []
    seen: set[tuple[str, bytes]] = set()
    for sample in samples:
        series = (sample[1], sample[2])
        if group and (sample[0] - group[0][0] >= spacing_seconds or series in seen):
            yield group
            group, seen = [], set()
        group.append(sample)
        seen.add(series)
    if group:
        yield group
