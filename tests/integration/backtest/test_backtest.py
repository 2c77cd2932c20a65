"""Rules tried on what a whole collector recorded: the very alerts, incidents and pages again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from typer.testing import CliRunner

from collector.backtest.asking import of_journal
from collector.backtest.choice import Choice, RuleText, choose
from collector.backtest.difference import ONE_TURN, Difference, difference
from collector.backtest.from_journal import JournalHistory
from collector.backtest.past import load_past
from collector.backtest.reading import outcome_of
from collector.backtest.run import Bounds, Span, run
from collector.backtest.work import IN_FORCE, Asked, backtest
from collector.cli import app
from collector.jobs.jobs import Jobs
from collector.policy.policy import load
from collector.storage.database import make_engine
from tests.past import RULES, Recorded

if TYPE_CHECKING:
    from pathlib import Path

    from collector.backtest.outcome import Outcome, PageLine

SLOWER = RULES.replace("for: 2m", "for: 9m")


def lived(past: Recorded) -> Outcome:
    """Return what the collector itself made of it, out of its own tables."""
    engine = make_engine(past.settings.database)
    try:
        with engine.connect() as connection, connection.begin():
            return outcome_of(connection, "lived", None, past.since)
    finally:
        engine.dispose()


class Runs(NamedTuple):
    """What the same journal comes to: under the rules in force, slower ones, and without one."""

    now: Outcome
    slower: Outcome
    without: Outcome


@pytest.fixture(scope="module")
def runs(past: Recorded) -> Runs:
    """Three sets of rules tried side by side in one reading of the journal."""
    policy = load(past.data / "policy")
    choices = [
        Choice(policy, policy.rulebook),
        choose(RuleText(SLOWER), policy, past.since),
        choose(RuleText("off: [HostRebooted]\n"), policy, past.since),
    ]
    span = Span(past.since, past.until, timedelta(0))
    engine = make_engine(past.settings.database)
    try:
        with engine.connect() as connection, connection.begin():
            known = load_past(connection, span.start, span.since, span.until, set())
    finally:
        engine.dispose()
    ran = asyncio.run(
        run(
            choices,
            known,
            JournalHistory(past.data / "journal"),
            span,
            bounds=Bounds(),
            told=lambda _done, _of: None,
            monotonic=time.monotonic,
        )
    )
    return Runs(*ran.outcomes)


def pages_of(pages: tuple[PageLine, ...]) -> list[tuple[Any, ...]]:
    return [(one.recipient, one.channel, one.kind, one.reason, one.severity, one.key)
            for one in pages]  # fmt: skip


def test_the_same_rules_give_what_was_lived_through(past: Recorded, runs: Runs) -> None:
    """Every alert with its end, every incident, every message, each within a turn; no other."""
    before, again = lived(past), runs.now
    found = difference(before, again)
    # The tables forget why an alert was not told once it is; a run remembers.
    kept = {one.fingerprint: one.suppressed for one in before.alerts}
    untold = [one for one in found.alerts.moved if kept[one.before.fingerprint] != ()]
    assert untold == []
    assert not found.alerts.added
    assert not found.alerts.missing
    assert not found.incidents.added
    assert not found.incidents.missing
    assert not found.incidents.moved
    assert len(before.alerts) > 8
    assert len(before.incidents) > 4
    for one in found.alerts.moved:
        assert abs(one.later_seconds) <= ONE_TURN.total_seconds()
        assert one.after.suppressed == ("silence",)
    assert pages_of(again.pages) == pages_of(before.pages)
    for one, other in zip(before.pages, again.pages, strict=True):
        assert abs(one.at - other.at) <= ONE_TURN
    assert len(past.left) == len(before.pages)


def test_a_run_says_what_was_not_told_and_why(runs: Runs) -> None:
    """Hosts of a unit that is cut off, and what a silence covered while it held."""
    again = runs.now
    why = {(one.rule, reason) for one in again.alerts for reason in one.suppressed}
    assert why == {("AgentSilent", "parent"), ("MemoryHigh", "silence")}
    unit = next(one for one in again.alerts if one.rule == "UnitSilent")
    children = [one for one in again.alerts if "parent" in one.suppressed]
    assert {by for one in children for by in one.suppressed_by} == {unit.fingerprint}
    assert unit.first_sign_at is not None
    assert unit.started_at - unit.first_sign_at > timedelta(seconds=60)


def test_alerts_from_outside_are_taken_again(runs: Runs) -> None:
    """Whatever the rules: what a Prometheus said then, until it ended."""
    for one in (runs.now, runs.slower):
        (said,) = [line for line in one.alerts if line.rule == "QueueFull"]
        assert said.first_sign_at == said.started_at
        assert said.resolved_at is not None
        assert (said.resolved_at - said.started_at).total_seconds() == pytest.approx(300, abs=3)


def test_a_changed_rule_changes_what_it_should_and_nothing_else(runs: Runs) -> None:
    """Nine minutes in place of two: what lasted nine comes later, what was shorter never."""
    now, slower = runs.now, runs.slower
    found: Difference = difference(now, slower)
    assert {one.rule for one in found.alerts.missing} == {"MemoryHigh"}
    assert {one.after.rule for one in found.alerts.moved} == {"MemoryHigh"}
    assert [round(one.later_seconds) for one in found.alerts.moved] == [420]
    assert found.alerts.added == ()
    assert {one.rule for one in found.missed} == {"MemoryHigh"}
    others = [one for one in now.alerts if one.rule != "MemoryHigh"]
    assert found.alerts.same == len(others)


def test_an_acknowledgement_of_then_is_given_again_when_it_opens_later(runs: Runs) -> None:
    """Who had acknowledged what now opens after that is not called again for it."""
    now, slower = runs.now, runs.slower
    known = next(one for one in now.incidents if one.acknowledged_at is not None)
    later = next(one for one in slower.incidents if one.key == known.key)
    assert later.acknowledged_at is not None
    assert later.acknowledged_at >= later.opened_at > known.opened_at
    assert not [one for one in slower.pages if one.key == known.key and one.kind == "page"]


def test_a_rule_that_is_off_raises_nothing(runs: Runs) -> None:
    """`off` in the text that is tried; other rules are as they were."""
    found = difference(runs.now, runs.without)
    assert {one.rule for one in found.alerts.missing} == {"HostRebooted"}
    assert not found.alerts.added
    assert found.alerts.same == len(runs.without.alerts)


def test_a_run_ends_before_it_costs_too_much(past: Recorded) -> None:
    """It says so, and how far it came."""
    asked = Asked(
        past.data / "policy",
        Span(past.since, past.until, timedelta(0)),
        bounds=Bounds(most_seconds=-1.0),
    )
    answer = backtest(
        past.settings,
        asked,
        of_journal(past.data),
        told=lambda _done, _of: None,
        monotonic=time.monotonic,
    )
    assert answer["covered"]["stopped"] == "seconds"
    assert datetime.fromisoformat(answer["covered"]["until"]) < past.until
    assert "stopped_seconds" in {note["code"] for note in answer["notes"]}


def dump(data: Path) -> str:
    with contextlib.closing(sqlite3.connect(data / "collector.sqlite3")) as connection:
        return "\n".join(connection.iterdump())


def files(data: Path) -> dict[str, bytes]:
    """Return every file of a directory but the log that SQLite keeps while it is open."""
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file() and not path.name.startswith("collector.sqlite3")
    }


def test_nothing_of_a_run_reaches_tables_journal_or_people(past: Recorded, tmp_path: Path) -> None:
    """The child that the console starts: pages there are, and nobody ever comes to the mail server.

    The tables, the journal and every other file are byte for byte what they were.
    """
    data = tmp_path / "data"
    shutil.copytree(past.data, data)
    with socket.create_server(("127.0.0.1", 0)) as mail:
        mail.setblocking(False)
        channels = data / "policy" / "channels.yaml"
        port = str(mail.getsockname()[1])
        channels.write_text(channels.read_text().replace("port: 25", f"port: {port}"))
        before, lay_there = dump(data), files(data)
        said = child(data, past, SLOWER)
        with pytest.raises(BlockingIOError):
            mail.accept()
    assert said["proposed"]["counts"]["pages"] > 3
    assert said["current"]["counts"]["pages"] > 3
    assert dump(data) == before
    assert files(data) == lay_there
    assert not list(data.rglob("*backtest*"))


def child(data: Path, past: Recorded, rules: str) -> Any:
    """Run the job as the collector does and return its result."""
    stamps = [at.strftime("%Y-%m-%dT%H:%M:%S%z") for at in (past.since, past.until)]
    done = subprocess.run(
        [sys.executable, "-m", "collector", "job", "backtest", "--data", str(data),
         "--rules", rules, "--since", stamps[0], "--until", stamps[1]],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done
    assert {"done", "of"} == set(lines[0])
    return lines[-1]["result"]


def command(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["backtest", *arguments])
    return done.exit_code, done.stdout, done.stderr


def span_of(past: Recorded) -> list[str]:
    return ["--data", str(past.data), "--warm-up", "0s",
            "--from", past.since.isoformat(), "--to", past.until.isoformat()]  # fmt: skip


def test_the_command_prints_both_runs_and_ends_with_1_when_one_misses(
    past: Recorded, tmp_path: Path
) -> None:
    """0 for the same rules; 1, naming the incident, for rules that miss one of the current ones."""
    whole = span_of(past)
    same = ["--rules", str(past.data / "policy"), "--against", IN_FORCE]
    faults = tmp_path / "faults.csv"
    faults.write_text(
        "at,unit,host,what\n2026-11-23 08:04,MP.001,may-chu-01.ban-to-chuc-tinh-uy,x\n"
    )
    code, said, error = command(*whole, *same, "--faults", str(faults), "--json")
    assert code == 0, error
    answer = json.loads(said)
    assert answer["difference"]["nothing"]
    assert {one["is_found"] for one in answer["proposed"]["known"]} == {True}
    fault = answer["proposed"]["known"][-1]
    assert (fault["code"], fault["incident"]) == ("faults.csv:2", "SC26-0002")
    assert fault["to_page_seconds"] == pytest.approx(120, abs=3)
    slower = tmp_path / "slower.yaml"
    slower.write_text(SLOWER)
    code, said, _ = command(*whole, "--rules", str(slower), "--against", IN_FORCE)
    assert code == 1
    missed = said.partition("Incidents that the rules in force find and these do not: 2")[2]
    assert "SC26-0002" in missed
    assert "SC26-0005" in missed
    assert "SC26-0001" not in missed


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("rules:\n  - {name: MemoryHigh}\n", "tried.yaml:2: rules[0].value: "),
        ("rules: []\n", "there is no rule in it"),
        ("off: [NoSuchRule]\n", "tried.yaml:1: off[0]: "),
        (RULES.replace("memory-high", "no-such"), "tried.yaml:10: rules[0].runbook: "),
    ],
)
def test_mistakes_are_named_with_file_line_and_field(
    past: Recorded, tmp_path: Path, rules: str, said: str
) -> None:
    """As check-config names them; exit code 2."""
    file = tmp_path / "tried.yaml"
    file.write_text(rules)
    code, _, error = command(*span_of(past), "--rules", str(file))
    assert code == 2
    assert said in error


def test_what_is_not_held_is_said(past: Recorded, tmp_path: Path) -> None:
    """A span that begins before the journal covers less; one with nothing held ends with 2."""
    earlier = (past.since - timedelta(hours=3)).isoformat()
    policy = str(past.data / "policy" / "rules")
    arguments = ["--data", str(past.data), "--rules", policy, "--from", earlier, "--json"]
    code, said, error = command(*arguments, "--to", past.until.isoformat())
    assert code == 0, error
    answer = json.loads(said)
    assert datetime.fromisoformat(answer["covered"]["since"]) >= past.since
    assert answer["notes"][0]["code"] == "begins_late"
    code, _, error = command(*arguments, "--to", past.since.isoformat())
    assert code == 2
    assert "no report of" in error
    code, _, error = command(*span_of(past), "--data", str(tmp_path), "--rules", policy)
    assert code == 2
    assert "policy" in error


async def test_a_run_of_the_console_can_be_stopped_and_holds_nobody_up(past: Recorded) -> None:
    """It ends at once when it is cancelled; an export does not wait behind it."""
    numbers = iter("123")
    jobs = Jobs(
        now=lambda: past.until,
        new_id=lambda: next(numbers),
        environment={"WANWATCH_DATA": str(past.data)},
    )
    stamps = [at.strftime("%Y-%m-%dT%H:%M:%S%z") for at in (past.since, past.until)]
    arguments = ["backtest", "--rules", SLOWER, "--since", stamps[0], "--until", stamps[1]]
    first = jobs.start("backtest", arguments, "person:an", lane="backtest")
    second = jobs.start("backtest", arguments, "person:an", lane="backtest")
    other = jobs.start("audit", ["audit"], "person:an")
    await asyncio.sleep(0)
    assert (first.state, second.state, other.state) == ("running", "waiting", "running")
    for job in (second, first, other):
        assert await jobs.cancel(job.id)
        assert job.state == "cancelled"
    assert not await jobs.cancel(first.id)
