"""A runbook as its page shows it: sections, and its checks as links into the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from collector.console.markdown import to_html
from collector.outages.topology import TARGET_PREFIX
from runbooks.model import (
    HEADINGS,
    Check,
    HostAlerts,
    HostHour,
    HostValues,
    Measure,
    Ping,
    Prober,
    Section,
    UnitHosts,
    UnitValues,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from collector.console.texts import Texts
    from collector.library import Library
    from runbooks.model import Runbook


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section with its heading."""

    name: Section
    heading: str
    html: Markup


@dataclass(frozen=True, slots=True)
class CheckView:
    """What to look at; `address` is None while no host is known."""

    words: str
    detail: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Where:
    """The host that the reader came from."""

    agent: str
    unit: str


def section_views(book: Runbook, t: Texts) -> list[SectionView]:
    """Return the sections in the language of the page."""
    headings = HEADINGS[t.language]
    return [
        SectionView(name, headings[name], to_html(text))
        for name, text in book.sections[t.language].items()
    ]


def check_views(book: Runbook, where: Where | None, t: Texts) -> list[CheckView]:
    """Return what a runbook suggests to look at."""
    return [
        CheckView(t(f"look.{check.kind}"), _detail(check, t), _address(check, where))
        for check in book.checks
    ]


def known_runbooks(library: Library, names: Iterable[str], class_code: str) -> list[Runbook]:
    """Return the runbooks of an incident: those of its alerts, then those of its class."""
    books = [library.get(name) for name in dict.fromkeys(names)]
    return [book for book in books if book is not None] + library.of_class(class_code)


def _detail(check: Check, t: Texts) -> str:
    if isinstance(check, HostValues | UnitValues):
        return check.metric
    if isinstance(check, Measure):
        return check.probe
    if isinstance(check, HostHour):
        return t.known(f"indicator.{check.indicator}", check.indicator)
    return ""


def _address(check: Check, where: Where | None) -> str | None:
    if where is None:
        return None
    agent, unit = quote(where.agent, safe=""), quote(where.unit)
    name = where.agent.removeprefix(TARGET_PREFIX)
    if name != where.agent and isinstance(check, HostValues | Ping | Measure | Prober):
        return f"/targets/{quote(name, safe='')}"
    if isinstance(check, Ping | Measure | Prober | UnitValues):
        return "/targets"
    if isinstance(check, HostValues):
        return f"/hosts/{agent}#values-title"
    if isinstance(check, HostHour):
        return f"/hosts/{agent}#hour-title"
    if isinstance(check, HostAlerts):
        return f"/alerts?agent={agent}"
    if isinstance(check, UnitHosts):
        return f"/units/{unit}"
    return f"/incidents?unit={unit}"
