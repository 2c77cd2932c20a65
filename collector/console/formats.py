"""Instants, ages, numbers and quantities as they are written for people, Vietnamese or English."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from incidents import vietnamese
from incidents.reports.period import in_words
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable

    Translate = Callable[..., str]

Language = Literal["vi", "en"]
# Metrics whose value is an instant, in Unix seconds.
INSTANTS = frozenset(
    {
        "node_boot_time_seconds",
        "node_time_seconds",
        "wanwatch_certificate_expiry_timestamp_seconds",
        "wanwatch_endpoint_last_call_timestamp_seconds",
        "wanwatch_tls_chain_expiry_timestamp_seconds",
        "wanwatch_tls_expiry_timestamp_seconds",
    }
)
_STEPS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_BYTE_PREFIXES = ("", "k", "M", "G", "T", "P")
# Of which less than a second is told in milliseconds.
_SHORT = (
    "_offset_seconds",
    "_duration_seconds",
    "jitter_seconds",
    "latency_seconds",
    "delay_seconds",
)


def local_time(instant: datetime) -> str:
    """Return the instant in Vietnam as dd/mm/yyyy HH:MM."""
    return vietnamese.local_time(instant)


def exact_time(instant: datetime) -> str:
    """Return the instant in Vietnam with its seconds, for what follows within a minute."""
    return instant.astimezone(ZONE).strftime("%d/%m/%Y %H:%M:%S")


def term(due: datetime, t: Translate) -> str:
    """Return when a term ends; 24:00 is the end of the day before, as people say it."""
    local = due.astimezone(ZONE)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return local_time(due)
    return t("due.end_of_day", day=day((local - timedelta(days=1)).date()))


def day(of: date) -> str:
    """Return a day as dd/mm/yyyy."""
    return of.strftime("%d/%m/%Y")


def person(actor: str, t: Translate) -> str:
    """Return who did something: a person by name, or the machine."""
    if actor.startswith("machine:"):
        return t("actor.machine")
    return actor.removeprefix("person:")


def about(kind: str, subject: str, language: Language) -> str:
    """Return what a report is about: a day and a period in words, everything else by its number."""
    if kind == "day":
        return day(date.fromisoformat(subject))
    return in_words(subject) if kind == "month" and language == "vi" else subject


def rfc3339(instant: datetime) -> str:
    """Return the instant in UTC, whole seconds, for machines and the page's own script."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def span(length: timedelta, t: Translate) -> str:
    """Return a length in its two largest units ("2 giờ 5 phút"); a negative one is no time."""
    rest = max(0, int(length.total_seconds()))
    for (name, big), (next_name, small) in pairwise(_STEPS):
        if rest >= big:
            count, left = divmod(rest, big)
            words = [t(f"span.{name}", n=count)]
            if left >= small:
                words.append(t(f"span.{next_name}", n=left // small))
            return " ".join(words)
    return t("span.second", n=rest)


def age(instant: datetime, now: datetime, t: Translate) -> str:
    """Return how long ago an instant was ("12 giây trước"); the future counts as now."""
    return t("age.ago", span=span(now - instant, t))


def remaining(due: datetime, now: datetime, t: Translate) -> str:
    """Return how long is left until `due`, or by how much it is late; at `due` it is late."""
    if now >= due:
        return t("age.overdue", span=span(now - due, t))
    return t("age.left", span=span(due - now, t))


def number(value: float, language: Language, *, digits: int = 0) -> str:
    """Return a number with its thousands and decimals marked as the language does."""
    if not math.isfinite(value):
        return "–"
    if language == "vi":
        return vietnamese.number(value, digits)
    return f"{value:,.{digits}f}"


def percent(ratio: float, language: Language) -> str:
    """Return a ratio 0–1 in percent, with one decimal below 10 %."""
    shown = ratio * 100
    return f"{number(shown, language, digits=1 if abs(shown) < 10 else 0)} %"


def byte_size(value: float, language: Language) -> str:
    """Return a number of bytes with a decimal prefix (1 kB is 1,000 bytes)."""
    prefix = 0
    while abs(value) >= 1000 and prefix < len(_BYTE_PREFIXES) - 1:
        value, prefix = value / 1000, prefix + 1
    digits = 0 if prefix == 0 or abs(value) >= 100 else 1
    return f"{number(value, language, digits=digits)} {_BYTE_PREFIXES[prefix]}B"


def quantity(name: str, value: float, language: Language) -> str:
    """Return a value in the unit that its metric name ends in."""
    if not math.isfinite(value):
        return "–"
    if name in INSTANTS:
        return local_time(datetime.fromtimestamp(value, UTC))
    if "_ratio" in name:
        return percent(value, language)
    if name.endswith("_bytes_per_second"):
        return f"{byte_size(value, language)}/s"
    if name.endswith(("_bytes", "_bytes_total")) or "_bytes_" in name:
        return byte_size(value, language)
    if name.endswith("bits_per_second"):
        return f"{byte_size(value, language)[:-1]}bit/s"
    if (name.endswith(_SHORT) or "_rtt_" in name) and abs(value) < 1:
        return f"{number(value * 1000, language, digits=1)} ms"
    if name.endswith(("_seconds", "_seconds_total")):
        return f"{number(value, language, digits=1)} s"
    if value == int(value) and abs(value) < 1e15:
        return number(value, language)
    return number(value, language, digits=2)
