"""What a command or a page may ask of a backtest, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collector.backtest.from_journal import JournalHistory
from collector.backtest.from_prometheus import PrometheusHistory
from collector.backtest.labels import Named
from collector.backtest.run import WARM_UP, Span
from collector.rules.expression import parse_duration
from incidents.local_time import parse_local
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from pathlib import Path

    from collector.backtest.choice import Choice
    from collector.backtest.history import History
    from collector.backtest.past import Past

LONGEST = timedelta(days=31)
FORMS = "an instant such as '2026-11-25 08:00', how long ago such as 24h or 7d, or now"

HistoryOf = Callable[["Past", Sequence["Choice"]], "History"]


def instant_of(text: str, now: datetime) -> datetime:
    """Return the instant that `2026-11-25 08:00`, `24h` (ago) or `now` means.

    Raises:
        ValueError: It is none of them.
    """
    if text.strip() == "now":
        return now
    try:
        return now - timedelta(seconds=parse_duration(text))
    except (ValueError, OverflowError):
        pass
    try:
        return parse_local(text.strip(), str(ZONE))
    except ValueError as error:
        raise ValueError(f"{text!r} is not {FORMS}") from error


def span_of(since: datetime, until: datetime, now: datetime, warm_up: timedelta = WARM_UP) -> Span:
    """Return a span that can be asked for.

    Raises:
        ValueError: It is empty, longer than 31 days, or not past.
    """
    if since >= until:
        raise ValueError("the span is empty: --from must lie before --to")
    if since >= now:
        raise ValueError("the span has not begun: there is no history of it")
    if until - since > LONGEST:
        raise ValueError(f"the span is longer than {LONGEST.days} days: ask for less at a time")
    return Span(since, min(until, now), warm_up)


def of_journal(data: Path) -> HistoryOf:
    """Return what reads the journal of a collector's data directory."""
    return lambda _past, _choices: JournalHistory(data / "journal")


def of_prometheus(url: str, token: str, added: Collection[str] = ()) -> HistoryOf:
    """Return what reads a Prometheus: the metrics that any of the rules looks at."""

    def history(past: Past, choices: Sequence[Choice]) -> History:
        metrics = {name for choice in choices for name in choice.rulebook.by_metric}
        hosts = [Named(row.id, row.unit, row.host) for row in past.agents]
        intervals = {row.id: row.interval_seconds for row in past.agents}
        return PrometheusHistory(url, metrics, hosts, intervals, token=token, added=added)

    return history
