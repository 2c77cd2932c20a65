"""Who watches the watcher: three failures page once, each side for its own faults, never both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.watching import state_file
from collector.watching.board import Standing, Watcher, WatcherBoard
from collector.watching.pager import Pager
from collector.watching.verdict import (
    DESK_STILL,
    EVALUATION_STILL,
    NO_PROGRESS,
    OUTBOX_STILL,
    OVERDUE_SECONDS,
    Look,
    Problem,
    Progress,
    Watched,
    after,
    moved,
    problem_of,
)
from incidents.channel import INSIDE
from incidents.outbox import DeliveryError, Message
from tests.builders import T0, policy

if TYPE_CHECKING:
    from pathlib import Path

REPEAT = timedelta(minutes=5)
DEAD = Look(Problem("không trả lời", "no answer"))
BEFORE = Progress(10, 20, 30, 0.0)
NEXT = Progress(11, 21, 31, 0.0)


def problem_after(seconds: float, look: Look, before: Progress = BEFORE) -> Problem | None:
    """What a look finds that comes so long after the first one."""
    now = T0 + timedelta(seconds=seconds)
    counters = moved((), before, T0)
    if look.progress is not None:
        counters = moved(counters, look.progress, now)
    return problem_of(look, counters, now)


@pytest.mark.parametrize(
    ("seconds", "look", "problem"),
    [
        (30, Look(None, NEXT), None),
        (900, Look(None, NEXT), None),
        (900, Look(None, Progress(1, 1, 1, 0.0)), None),  # it was restarted: that is progress
        (900, Look(None, replace(NEXT, outbox_turns=None)), None),  # no channel to send by
        (30, DEAD, DEAD.problem),
        (30, Look(None), NO_PROGRESS),
        (60, Look(None, BEFORE), None),
        (61, Look(None, replace(NEXT, desk_turns=10)), DESK_STILL),
        (61, Look(None, replace(NEXT, evaluation_turns=20)), EVALUATION_STILL),
        (61, Look(None, replace(NEXT, outbox_turns=30)), OUTBOX_STILL),
        (30, Look(None, replace(NEXT, overdue_seconds=OVERDUE_SECONDS)), None),
    ],
)
def test_collector_is_well_when_its_counters_move(
    seconds: float, look: Look, problem: Problem | None
) -> None:
    """It is not enough that it calls itself well: desk, rules and outbox move within a minute."""
    assert problem_after(seconds, look) == problem


def test_message_that_nobody_claims_is_a_problem() -> None:
    """A page that is due and lies there is as bad as no answer."""
    found = problem_after(30, Look(None, replace(NEXT, overdue_seconds=OVERDUE_SECONDS + 1)))
    assert found is not None
    assert "301 s" in found.en


def play(*looks: Look, cut_off: bool = False, every: float = 30.0) -> list[str]:
    """Look every half a minute; return what was said, with the number of the look."""
    watched, said = Watched(), []
    for number, look in enumerate(looks):
        progress = look.progress and replace(
            look.progress,
            desk_turns=number,
            evaluation_turns=number,
            outbox_turns=number,
        )
        now = T0 + timedelta(seconds=every * number)
        watched, act = after(
            watched, replace(look, progress=progress), now, repeat=REPEAT, is_cut_off=cut_off
        )
        if act:
            said.append(f"{number} {act}")
    return said


WELL = Look(None, NEXT)


def test_third_failure_in_a_row_pages_once_and_the_first_success_says_so() -> None:
    """Two failures are nothing; an outage is one page, its reminders further and further apart."""
    assert play(DEAD, DEAD, WELL, DEAD, DEAD, WELL) == []
    assert play(DEAD, DEAD, DEAD, DEAD, WELL, WELL) == ["2 page", "4 recovered"]
    long = play(*[DEAD] * 600)
    assert long[:5] == ["2 page", "12 repeat", "32 repeat", "72 repeat", "152 repeat"]
    assert long[5:] == ["272 repeat", "392 repeat", "512 repeat"]


def test_machine_that_reaches_nobody_pages_nobody() -> None:
    """Its witness does not answer either: the collector misses it and says so."""
    assert play(*[DEAD] * 20, cut_off=True) == []


@given(st.lists(st.booleans(), max_size=60))
def test_every_page_is_followed_by_its_end_and_none_comes_twice(wells: list[bool]) -> None:
    """Whatever the network does: page, reminders, recovery, in this order."""
    said = [word.split()[1] for word in play(*[WELL if well else DEAD for well in wells])]
    is_open = False
    for word in said:
        assert (word == "page") == (not is_open)
        is_open = word != "recovered"


def test_restarted_watcher_goes_on_with_the_outage_it_had_told_of(tmp_path: Path) -> None:
    """No second first page; a damaged file is forgotten, not fatal."""
    path = tmp_path / "watch" / "state.json"
    watched = Watched()
    for number in range(3):
        watched, _ = after(
            watched, DEAD, T0 + timedelta(seconds=number), repeat=REPEAT, is_cut_off=False
        )
    state_file.write(path, watched)
    again, act = after(
        state_file.read(path), DEAD, T0 + timedelta(seconds=30), repeat=REPEAT, is_cut_off=False
    )
    assert (again.pages, act) == (1, None)
    path.write_text("{")
    assert state_file.read(path) == Watched()


# The collector's side


def board(*names: str, at: float = 0.0) -> WatcherBoard:
    made = WatcherBoard(at)
    made.set_watchers([Watcher(name, "H1", f"hash-{name}") for name in names], at)
    return made


class Line:
    """The line to the watcher's unit, whose hosts report every ten seconds while it is there."""

    def __init__(self) -> None:
        self.is_up, self.heard_at, self.now = True, 0.0, 0.0

    def is_heard(self, unit: str, seconds: float) -> bool:
        assert unit == "H1"
        return self.heard_at > self.now - seconds


def turns(made: WatcherBoard, line: Line, start: int, end: int) -> Standing:
    """Let turns come every five seconds; return how the watcher is after the last."""
    for second in range(start, end + 1, 5):
        line.now = float(second)
        if line.is_up and second % 10 == 0:
            line.heard_at = line.now
        [found] = made.turn(line.now, is_heard=line.is_heard).values()
    return found


def test_watcher_that_stays_away_is_missed() -> None:
    """Two minutes after its last question, and after the start if it never came."""
    made, line = board("canh-1"), Line()
    assert turns(made, line, 0, 120) is Standing.EXPECTED
    assert turns(made, line, 125, 125) is Standing.SILENT
    assert made.note("hash-canh-1", 130.0) == "canh-1"
    assert turns(made, line, 130, 250) is Standing.UP
    assert made.note("another hash", 250.0) is None
    assert turns(made, line, 255, 255) is Standing.SILENT


@pytest.mark.parametrize("cut_after", range(0, 31, 5))
@pytest.mark.parametrize("asks_after", range(0, 31, 5))
def test_watcher_that_is_cut_off_with_its_unit_is_never_missed(
    cut_after: int, asks_after: int
) -> None:
    """Then it is the watcher that pages; when the line is back, it asks before it is missed."""
    made, line = board("canh-1"), Line()
    made.note("hash-canh-1", 0.0)
    turns(made, line, 0, cut_after)
    line.is_up = False
    assert turns(made, line, cut_after + 5, 900) is Standing.CUT_OFF
    line.is_up = True
    assert turns(made, line, 905, 905 + asks_after) is Standing.CUT_OFF
    made.note("hash-canh-1", 905.0 + asks_after)
    assert turns(made, line, 910 + asks_after, 1_000) is Standing.UP


def test_watcher_that_did_not_survive_the_cut_is_missed_after_it() -> None:
    """The line is back for a minute and it has not asked."""
    made, line = board("canh-1"), Line()
    turns(made, line, 0, 20)
    line.is_up = False
    turns(made, line, 25, 900)
    line.is_up = True
    assert turns(made, line, 905, 960) is Standing.CUT_OFF
    assert turns(made, line, 965, 975) is Standing.SILENT


def test_watcher_that_is_missed_stays_missed_when_the_line_goes_too() -> None:
    """An alert that fires does not end because nobody can be heard any more."""
    made, line = board("canh-1"), Line()
    assert turns(made, line, 0, 150) is Standing.SILENT
    line.is_up = False
    assert turns(made, line, 155, 900) is Standing.SILENT


def test_collector_that_stood_still_misses_nobody() -> None:
    """Nobody could be heard meanwhile: patience begins anew."""
    made, line = board("canh-1"), Line()
    turns(made, line, 0, 60)
    assert turns(made, line, 1_000, 1_120) is Standing.EXPECTED
    assert turns(made, line, 1_125, 1_125) is Standing.SILENT


def test_inventory_of_watchers_may_change() -> None:
    """A revoked one is expected no longer; a new token begins with patience; others go on."""
    made = board("canh-1", "canh-2")
    turns_of_two = made.turn(1.0, is_heard=lambda _unit, _seconds: True)
    assert set(turns_of_two) == {"canh-1", "canh-2"}
    gone = made.set_watchers([Watcher("canh-2", "H1", "new hash")], 100.0)
    assert gone == ["canh-1"]
    assert made.note("hash-canh-2", 101.0) is None
    assert made.note("new hash", 101.0) == "canh-2"
    assert made.take_seen() == {"canh-2"}
    assert made.take_seen() == set()


# The pages


class Channel:
    """Takes messages, unless it is told to fail."""

    reach, limit_seconds, at_once = INSIDE, 10.0, 4

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.failures = 0
        self.is_ambiguous = False

    async def send(self, message: Message) -> str:
        if self.failures:
            self.failures -= 1
            raise DeliveryError("no", retryable=True, ambiguous=self.is_ambiguous)
        self.sent.append(message)
        return ""


def pager(channel: Channel) -> Pager:
    ids = iter(range(1_000))
    return Pager(
        policy(),
        {"mail": channel, "hook": channel},
        url="http://10.0.0.1:8440",
        watcher="canh-1",
        new_message_id=lambda: f"m{next(ids)}",
        jitter=lambda: 0.5,
    )


FAILING = Watched(3, T0, DEAD.problem, T0, 1)


async def test_page_goes_to_everybody_who_wants_the_worst() -> None:
    """Vietnamese first, the reason first, what it is about and since when, one English line."""
    channel = Channel()
    made = pager(channel)
    made.say("page", FAILING, T0)
    await made.turn(T0)
    assert [message.recipient for message in channel.sent] == ["Trực ca", "Lãnh đạo"]
    message = channel.sent[0]
    assert message.subject == "MỚI · S1 · canh-1 · máy chủ thu thập không làm việc"
    assert "Dấu hiệu: không trả lời" in message.body
    assert "09:00" in message.body
    assert message.body.rstrip().splitlines()[-1].startswith("NEW: the collector does not work")
    assert len(made) == 0


async def test_page_that_could_not_leave_is_tried_again_as_the_same_message() -> None:
    """Same identifier, marked when it may have arrived."""
    channel = Channel()
    channel.failures, channel.is_ambiguous = 2, True
    made = pager(channel)
    made.say("page", FAILING, T0)
    await made.turn(T0)
    assert (channel.sent, len(made)) == ([], 2)
    await made.turn(T0 + timedelta(minutes=1))
    assert [(m.message_id, m.attempts, m.repeated) for m in channel.sent] == [
        ("m0", 2, True),
        ("m1", 2, True),
    ]


async def test_end_of_an_outage_is_told_to_those_who_know_of_it() -> None:
    """Whoever was not reached by the page gets neither page nor recovery afterwards."""
    channel = Channel()
    made = pager(channel)
    made.say("page", FAILING, T0)
    channel.failures = 1
    await made.turn(T0)
    made.say("recovered", FAILING, T0 + timedelta(seconds=1))
    await made.turn(T0 + timedelta(seconds=1))
    assert [(m.recipient, m.subject.split()[0]) for m in channel.sent] == [
        ("Lãnh đạo", "MỚI"),
        ("Lãnh đạo", "ĐÃ"),
    ]
    assert len(made) == 0
