"""The answer of a backtest as a person reads it in a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from collector.cli.output import show
from collector.cli.words import is_vietnamese
from collector.console.texts import Texts
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LINES = 200
RULES_COLUMNS = {
    "rule": "RULE",
    "alerts": "ALERTS",
    "suppressed": "OF THEM NOT TOLD",
    "incidents": "INCIDENTS",
    "pages": "PAGES",
}
RULES_AGAINST_COLUMNS = {"rule": "RULE", "added": "NEW", "missing": "GONE", "moved": "OTHERWISE"}
ALERTS_COLUMNS = {
    "started_at": "FIRED",
    "resolved_at": "RESOLVED",
    "severity": "SEVERITY",
    "rule": "RULE",
    "unit": "UNIT",
    "host": "HOST",
    "incident": "INCIDENT",
    "untold": "NOT TOLD",
}
INCIDENTS_COLUMNS = {
    "code": "INCIDENT",
    "severity": "SEVERITY",
    "opened_at": "OPENED",
    "recovered_at": "RECOVERED",
    "unit": "UNIT",
    "host": "HOST",
    "to_alert": "TO ALERT",
    "to_page": "TO PAGE",
    "title": "WHAT",
}
PAGES_COLUMNS = {
    "at": "SENT",
    "recipient": "TO",
    "channel": "CHANNEL",
    "because": "WHY",
    "severity": "SEVERITY",
    "incident": "INCIDENT",
}
DIFFERENT_COLUMNS = {
    "how": "",
    "at": "AT",
    "severity": "SEVERITY",
    "unit": "UNIT",
    "host": "HOST",
    "later": "LATER BY",
    "title": "WHAT",
}
KNOWN_COLUMNS = {
    "known": "KNOWN AS",
    "severity": "SEVERITY",
    "found_at": "FOUND THEN",
    "incident": "FOUND AS",
    "to_alert": "TO ALERT",
    "to_page": "TO PAGE",
    "title": "WHAT",
}


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print everything: what it covers, the runs, their difference, what is missed."""
    t = Texts("vi" if is_vietnamese() else "en")
    for line in covered(answer, t):
        typer.echo(line)
    _print_run(answer["proposed"], t)
    if answer["difference"] is not None:
        _print_difference(answer, t)
    if answer["missed"]:
        typer.echo("\n" + t("backtest.missed", n=len(answer["missed"])))
        for one in answer["missed"]:
            at = local_time(datetime.fromisoformat(one["at"]))
            about = (at, one["severity"], one["code"], one["unit"], one["host"])
            where = " · ".join(part for part in about if part)
            typer.echo(f"  {where}: {one[f'title_{t.language}']}")


def covered(answer: Mapping[str, Any], t: Texts) -> list[str]:
    """Return the sentences that say what the answer is about and what it is not."""
    found = answer["covered"]
    since, until = (local_time(datetime.fromisoformat(found[name])) for name in ("since", "until"))
    speed = answer["host_days"] / max(answer["took_seconds"], 1e-9)
    first = t(
        "backtest.covers",
        since=since,
        until=until,
        reports=found["reports"],
        hosts=found["hosts"],
        seconds=f"{answer['took_seconds']:.1f}",
        speed=f"{speed:.1f}",
    )
    return [first, *(sentence(note, t) for note in answer["notes"])]


def sentence(note: Mapping[str, Any], t: Texts) -> str:
    """Return what one note says."""
    at = "" if note["at"] is None else local_time(datetime.fromisoformat(note["at"]))
    return t(f"backtest.note.{note['code']}", n=note["n"], at=at)


def _print_run(run: Mapping[str, Any], t: Texts) -> None:
    typer.echo(t("backtest.counts", **run["counts"]))
    for name in ("suppressed_why", "not_told_why", "pages_why", "withheld"):
        if run[name]:
            said = ", ".join(f"{reason(why, t)}: {n}" for why, n in run[name].items())
            typer.echo(f"{t(f'backtest.{name}')}: {said}")
    typer.echo(f"{t('backtest.to_detect')}: {_times(run['detection'], t)}")
    _table(run["rules"], RULES_COLUMNS, t("backtest.rules"), t)
    alerts = [
        {**one, "untold": [reason(code, t) for code in one["suppressed"]]} for one in run["alerts"]
    ]
    _table(alerts, ALERTS_COLUMNS, t("backtest.alerts"), t)
    times = {one["incident"]: one for one in run["detections"]}
    incidents = [_timed({**one, **times.get(one["code"], {})}, t) for one in run["incidents"]]
    _table(incidents, INCIDENTS_COLUMNS, t("backtest.incidents"), t)
    pages = [{**one, "because": reason(one["reason"], t)} for one in run["pages"]]
    _table(pages, PAGES_COLUMNS, t("backtest.pages"), t)
    _table([_timed(one, t) for one in run["known"]], KNOWN_COLUMNS, t("backtest.known"), t)


def _print_difference(answer: Mapping[str, Any], t: Texts) -> None:
    found = answer["difference"]
    if found["nothing"]:
        typer.echo(t("backtest.no_difference"))
        return
    typer.echo("\n" + t("backtest.current_counts", **answer["current"]["counts"]))
    _table(found["rules"], RULES_AGAINST_COLUMNS, t("backtest.difference"), t)
    for part, at, what in (
        ("incidents", "opened_at", f"title_{t.language}"),
        ("alerts", "started_at", "rule"),
    ):
        lines = [
            _changed(how, one, at, what, t)
            for how in ("added", "missing", "moved")
            for one in found[part][how]
        ]
        _table(lines, DIFFERENT_COLUMNS, t(f"backtest.{part}"), t)
    if found["pages"]:
        typer.echo("\n" + t("backtest.pages"))
    for one in found["pages"]:
        typer.echo(f"  {one['recipient']} · {reason(one['reason'], t)}: {one['more']:+d}")


def _changed(how: str, one: Mapping[str, Any], at: str, what: str, t: Texts) -> dict[str, Any]:
    line = one["after"] if how == "moved" else one
    later = one["later_seconds"] if how == "moved" else 0
    return {
        "how": t(f"backtest.{how}"),
        "at": line[at],
        "severity": line["severity"],
        "unit": line["unit"],
        "host": line["host"],
        "later": f"{later:+.0f} s" if later else "",
        "title": line[what],
    }


def _timed(line: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    return {
        **line,
        "title": line[f"title_{t.language}"],
        "to_alert": seconds(line.get("to_alert_seconds")),
        "to_page": seconds(line.get("to_page_seconds")),
    }


def _times(found: Mapping[str, Any], t: Texts) -> str:
    return "; ".join(
        t(
            f"backtest.{name}",
            n=found[name]["count"],
            median=seconds(found[name]["median_seconds"]),
            worst=seconds(found[name]["worst_seconds"]),
        )
        for name in ("to_alert", "to_incident", "to_page")
    )


def seconds(value: float | None) -> str:
    """Return how long something took, as a person says it."""
    if value is None:
        return "–"
    return f"{value:.0f} s" if value < 600 else f"{value / 60:.0f} min"


def reason(code: str, t: Texts) -> str:
    """Return why somebody was told or not, in words."""
    known = t.known(f"reason.{code}", t.known(f"suppressed.{code}", code))
    return t.known(f"backtest.reason.{code}", known)


def _table(rows: list[dict[str, Any]], columns: Mapping[str, str], title: str, t: Texts) -> None:
    if not rows:
        return
    typer.echo(f"\n{title}")
    show(rows[:MOST_LINES], columns, as_json=False)
    if len(rows) > MOST_LINES:
        typer.echo(t("backtest.more", n=len(rows) - MOST_LINES))
