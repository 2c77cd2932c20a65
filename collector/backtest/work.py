"""The whole of a backtest: what stands in the tables, the rules, the history, then the runs.

The tables of the collector are opened for reading alone; everything else happens in memory.
"""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector import starter
from collector.backtest.choice import Choice, RuleText, choose
from collector.backtest.from_journal import JournalHistory
from collector.backtest.outcome import unrestricted
from collector.backtest.past import MOST_INCIDENTS, load_past
from collector.backtest.result import Note, compared, plain, summary
from collector.backtest.run import LATE, Bounds, NoHistory, Span, run
from collector.metrics.own import TARGET_UP
from collector.storage.database import make_engine
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.backtest.detection import Known
    from collector.backtest.history import Held, History
    from collector.backtest.past import Past
    from collector.backtest.run import Ran, Told
    from collector.policy.policy import Policy
    from collector.settings import Settings

GARBAGE_THRESHOLDS = (50_000, 20, 50)
SECONDS_A_DAY = 86_400.0
IN_FORCE = "current"
LINES_OF_A_PAGE = 200
MOST_KNOWN = 500
USUAL_BOUNDS = Bounds()


class NothingHeld(starter.StartError):
    """Of the span that was asked for no report is held."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know.

    Attributes:
        rules: What is tried. Attribute `against`: what it is held against: a path, `current`,
            or nothing.
        most_lines: How many alerts, incidents and pages the answer lists; None: all.
        faults: What is known to have happened beside the incidents of the record.
        hides_restricted: Leave out the incidents that have readers of their own.
    """

    rules: Path | RuleText
    span: Span
    against: Path | str | None = None
    bounds: Bounds = USUAL_BOUNDS
    most_lines: int | None = None
    faults: tuple[Known, ...] = ()
    hides_restricted: bool = False


def backtest(
    settings: Settings,
    asked: Asked,
    history_of: Callable[[Past, Sequence[Choice]], History],
    *,
    told: Told,
    monotonic: Callable[[], float],
) -> dict[str, Any]:
    """Return the answer as plain values.

    Raises:
        StartError: The policy, the tables or the history cannot be used; the text says why.
        InvalidDocument: The rules have mistakes.
    """
    policy = starter.load_policy(settings.policy_directory)
    past, choices = _read_tables(settings, policy, asked)
    history = history_of(past, choices)
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    began = monotonic()
    try:
        ran = asyncio.run(
            run(
                choices,
                past,
                history,
                asked.span,
                bounds=asked.bounds,
                told=told,
                monotonic=monotonic,
            )
        )
    except NoHistory as error:
        span = f"{local_time(asked.span.since)} – {local_time(asked.span.until)}"
        raise NothingHeld(
            f"no report of {span} is held: the journal keeps the last hours alone "
            "(journal_hours); ask for a later span, or a Prometheus with --prometheus"
        ) from error
    return _answer(asked, past, history.held, ran, monotonic() - began)


def work_on_text(
    settings: Settings,
    text: str,
    since: datetime,
    until: datetime,
    most_seconds: float,
    *,
    told: Told,
    monotonic: Callable[[], float],
) -> dict[str, Any]:
    """Return the answer that the console shows: of the journal, against the rules in force.

    Raises:
        StartError: The policy, the tables or the journal cannot be used.
        InvalidDocument: The rules have mistakes.
    """
    asked = Asked(
        RuleText(text),
        Span(since, until),
        IN_FORCE,
        Bounds(most_seconds=most_seconds),
        most_lines=LINES_OF_A_PAGE,
        hides_restricted=True,
    )
    journal = settings.data / "journal"
    return backtest(
        settings, asked, lambda _past, _rules: JournalHistory(journal), told=told,
        monotonic=monotonic,
    )  # fmt: skip


def _read_tables(settings: Settings, policy: Policy, asked: Asked) -> tuple[Past, list[Choice]]:
    """Read what the collector knows, without being able to write, and choose the rules."""
    database = settings.data / "collector.sqlite3"
    if settings.database.startswith("sqlite") and not database.exists():
        why = f"{database}: there are no tables; is --data the collector's directory?"
        raise starter.StartError(why)
    engine, span = make_engine(settings.database), asked.span
    try:
        with engine.connect() as connection, connection.begin():
            refuse_writes(connection)
            policy = starter.in_force(connection, policy, span.since)
            choices = [choose(asked.rules, policy, span.since)]
            if asked.against == IN_FORCE:
                choices.append(Choice(policy, policy.rulebook))
            elif asked.against is not None:
                choices.append(choose(Path(asked.against), policy, span.since))
            down = {r.name for r in policy.rulebook.rules if r.value.metric == TARGET_UP}
            past = load_past(connection, span.start, span.since, span.until, down)
    finally:
        engine.dispose()
    return past, choices


def refuse_writes(connection: Connection) -> None:
    """Let the database itself refuse whatever would change it."""
    is_sqlite = connection.dialect.name == "sqlite"
    refusal = "PRAGMA query_only=ON" if is_sqlite else "SET TRANSACTION READ ONLY"
    connection.exec_driver_sql(refusal)


def _answer(asked: Asked, past: Past, held: Held, ran: Ran, seconds: float) -> dict[str, Any]:
    outcomes, known = ran.outcomes, [*past.known, *asked.faults]
    known = [one for one in known if ran.since <= one.found_at < ran.until]
    if asked.hides_restricted:
        outcomes = [unrestricted(one) for one in outcomes]
        known = [one for one in known if not one.is_restricted]
    most = asked.most_lines
    if most is not None:  # what goes through a pipe and onto a page has an end
        known = known[:MOST_KNOWN]
    host_days = len(ran.heard) * (ran.until - asked.span.start).total_seconds() / SECONDS_A_DAY
    is_against = len(outcomes) > 1
    found: dict[str, Any] = {
        "asked": {"since": asked.span.since, "until": asked.span.until},
        "covered": {
            "since": ran.since,
            "until": ran.until,
            "reports": held.reports,
            "hosts": len(ran.heard),
            "stopped": ran.stopped,
        },
        "notes": [
            {"code": note.code, "n": note.n, "at": note.at}
            for note in _notes(asked, past, held, ran)
        ],
        "took_seconds": round(seconds, 3),
        "host_days": round(host_days * len(outcomes), 3),
        "proposed": summary(outcomes[0], known, most),
        "current": summary(outcomes[1], known, most) if is_against else None,
        "difference": compared(outcomes[1], outcomes[0], most) if is_against else None,
    }
    found["missed"] = _missed(found)
    answer: dict[str, Any] = plain(found)
    return answer


def _notes(asked: Asked, past: Past, held: Held, ran: Ran) -> list[Note]:
    """Return what the reader must know of what the answer does not cover."""
    notes = []
    if ran.since > asked.span.since:
        notes.append(Note("begins_late", at=ran.since))
    elif held.first_at is not None and held.first_at - asked.span.start > LATE:
        notes.append(Note("warms_up_late", at=held.first_at))
    if held.last_at is not None and not ran.stopped and asked.span.until - held.last_at > LATE:
        notes.append(Note("ends_early", at=held.last_at))
    if ran.stopped:
        notes.append(Note(f"stopped_{ran.stopped}", at=ran.until))
    counted = {
        "lost": held.lost,
        "strangers": ran.strangers,
        "unreadable": ran.unreadable,
        "failed": ran.failed,
        "people": ran.people,
        "people_refused": ran.people_refused,
        "targets": len(past.down),
    }
    notes += [Note(code, n) for code, n in counted.items() if n]
    if len(past.followed) >= MOST_INCIDENTS:
        notes.append(Note("many_incidents", MOST_INCIDENTS))
    return [*notes, *(Note(code) for code in held.notes)]


def _missed(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each incident that the current rules find and the proposed ones do not.

    By its code of the record, or the line of a known fault, where it is one of those.
    """
    if found["difference"] is None:
        return []
    known: dict[str, dict[str, Any]] = {}
    for before, after in zip(found["current"]["known"], found["proposed"]["known"], strict=True):
        if before["is_found"] and not after["is_found"]:
            known.setdefault(before["incident"], {"code": before["known"], **_named(before)})
    keys = {one["key"] for one in known.values()}
    gone = found["difference"]["incidents"]["missing"]
    others = [{"code": "", **_named(one)} for one in gone
              if one["code"] not in known and one["key"] not in keys]  # fmt: skip
    return [*known.values(), *others]


def _named(one: dict[str, Any]) -> dict[str, Any]:
    names = ("key", "unit", "host", "severity", "title_vi", "title_en")
    return {name: one[name] for name in names} | {"at": one.get("opened_at") or one["found_at"]}
