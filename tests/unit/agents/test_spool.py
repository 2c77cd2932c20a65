"""The spool: a number is given once, a report is held until it is settled, room is bounded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import ledger as ledgers
from agents import slots
from agents.ledger import Ledger
from agents.ranges import Ranges
from agents.refused import MOST_FILES
from agents.spool import SpoolLimits
from tests.unit.agents.spools import EVENT, Clocks, held, metrics, noise, open_spool, sample, sent

if TYPE_CHECKING:
    import random  # noqa: TID251  # only its type
    from pathlib import Path


def test_spool_numbers_reports_and_holds_them_until_acknowledged(tmp_path: Path) -> None:
    """Over a restart too, and out of order."""
    spool = open_spool(tmp_path)
    assert [spool.add([sample(n)]) for n in range(5)] == [1, 2, 3, 4, 5]
    spool.acknowledge(5, state="s5", plan="p")
    spool.acknowledge(2)
    spool.close()

    again = open_spool(tmp_path)

    assert held(again) == [1, 3, 4]
    assert (again.oldest, again.newest(), again.next_seq) == (1, None, 6)
    assert (again.state, again.plan) == ("s5", "p")
    assert again.first_of_this_run == 6


def test_spool_never_gives_a_number_twice_when_everything_was_acknowledged(tmp_path: Path) -> None:
    """Neither over restarts nor over boots, with nothing held."""
    given = []
    for start in range(4):
        spool = open_spool(tmp_path, boot=f"boot-{start}", limits=SpoolLimits(max_bytes=1))
        for _ in range(20):
            given.append(spool.add(noise(start)))
            spool.acknowledge(given[-1])
        assert len(spool) == 0
        assert spool.oldest == spool.next_seq
        spool.close()

    assert given == list(range(1, 81))


def test_spool_fills_in_what_is_known_only_when_sending(tmp_path: Path) -> None:
    """`oldest`, `state` and `sent_at` are those of the moment, content and boot those of then."""
    clocks = Clocks()
    spool = open_spool(tmp_path, clocks)
    spool.add([sample(1)])
    spool.add([sample(2)], [EVENT])
    clocks.forward(60)
    spool.acknowledge(1, state="s1")

    report = sent(spool, 2)

    assert (report.seq, report.oldest, report.state, report.boot) == (2, 2, "s1", "boot-1")
    assert report.sent_at == clocks.wall
    assert report.samples == [sample(2)]
    assert report.events == [EVENT]


def test_spool_is_not_fooled_by_a_clock_that_is_set_while_a_report_waits(tmp_path: Path) -> None:
    """`sent_at` minus a sample's instant stays the time that really passed."""
    clocks = Clocks()
    spool = open_spool(tmp_path, clocks)
    made_at = clocks.wall
    seq = spool.add([sample()])
    clocks.forward(60)
    clocks.wall += 86_400

    report = sent(spool, seq)

    assert report.sent_at == made_at + 60


def test_spool_has_only_the_clock_after_a_boot(tmp_path: Path) -> None:
    """A report of an earlier boot keeps that boot's name, so that the doubt can be seen."""
    clocks = Clocks()
    spool = open_spool(tmp_path, clocks)
    spool.add([sample()])
    spool.close()

    clocks.wall, clocks.up = clocks.wall + 300, 20.0
    report = sent(open_spool(tmp_path, clocks, boot="boot-2"), 1)

    assert (report.boot, report.sent_at) == ("boot-1", clocks.wall)


def test_spool_moves_a_refused_report_aside_and_counts_it(tmp_path: Path) -> None:
    """It can be looked at, the rest goes on, and the files are few."""
    spool = open_spool(tmp_path)
    for _ in range(MOST_FILES + 5):
        seq = spool.add([sample()])
        spool.refuse(seq, f"body {seq}".encode())

    files = sorted((tmp_path / "refused").iterdir())
    assert len(files) == MOST_FILES
    assert files[-1].read_bytes() == b"body 105"
    assert metrics(spool)["refused_reports_total"] == 105
    assert held(spool) == []


def test_spool_gives_a_used_number_up_and_keeps_the_content(tmp_path: Path) -> None:
    """After a restored disk the counter jumps; the same content goes under the new number."""
    spool = open_spool(tmp_path)
    spool.add([sample(1)], [EVENT])

    assert spool.renumber(1, 500) == 500

    report = sent(spool, 500)
    assert (report.samples, report.events) == ([sample(1)], [EVENT])
    assert held(spool) == [500]
    assert spool.add([]) == 501
    assert spool.renumber(1, 600) is None


def test_spool_drops_the_oldest_without_events_first_and_counts(tmp_path: Path) -> None:
    """Beyond its bytes: metrics go before events, newest stay, nothing goes uncounted."""
    spool = open_spool(tmp_path, limits=SpoolLimits(max_bytes=1 << 20))
    with_events = {n for n in range(1, 1001) if n % 50 == 0}
    for n in range(1, 1001):
        spool.add(noise(n), [EVENT] if n in with_events else [])

    numbers = set(held(spool))
    plain = sorted(numbers - with_events)

    assert with_events <= numbers
    assert plain == [n for n in range(plain[0], 1001) if n not in with_events]
    found = metrics(spool)
    assert found["dropped_reports_total"] == 1000 - len(numbers) > 0
    assert found["size_bytes"] <= 1 << 20
    spool.close()

    again = open_spool(tmp_path, limits=SpoolLimits(max_bytes=1 << 20))
    assert set(held(again)) == numbers
    assert metrics(again)["dropped_reports_total"] == 1000 - len(numbers)


def test_spool_of_nothing_but_events_drops_the_oldest_of_them(tmp_path: Path) -> None:
    """There is an end to everything; it is counted."""
    spool = open_spool(tmp_path, limits=SpoolLimits(max_bytes=1 << 20))
    for n in range(1, 1001):
        spool.add(noise(n), [EVENT])

    numbers = held(spool)

    assert numbers == list(range(numbers[0], 1001))
    assert metrics(spool)["dropped_reports_total"] == numbers[0] - 1 > 0


def test_spool_drops_what_is_too_old_by_the_time_that_passed(tmp_path: Path) -> None:
    """A clock that jumps ahead drops nothing; seventy-two hours do."""
    clocks = Clocks()
    spool = open_spool(tmp_path, clocks)
    spool.add([sample()], [EVENT])
    clocks.wall += 10 * 365 * 86_400
    spool.add([sample()])
    assert held(spool) == [1, 2]

    clocks.forward(72 * 3600 + 1)
    spool.add([sample()])

    assert held(spool) == [3]
    assert spool.oldest == 3
    assert metrics(spool)["dropped_reports_total"] == 2


def test_spool_skips_a_damaged_record_and_counts_it(tmp_path: Path) -> None:
    """One bad block costs one report; `oldest` does not wait for it."""
    spool = open_spool(tmp_path)
    for n in range(3):
        spool.add(noise(n))
    file = next((tmp_path / "spool").glob("*.seg"))
    content = bytearray(file.read_bytes())
    content[100] ^= 0xFF
    file.write_bytes(content)

    assert spool.to_send(1) is None
    assert spool.oldest == 2
    assert metrics(spool)["lost_reports_total"] == 1
    spool.close()
    again = open_spool(tmp_path)
    assert held(again) == [2, 3]
    assert metrics(again)["lost_reports_total"] == 1


def test_spool_counts_a_record_that_was_damaged_while_the_agent_was_down(tmp_path: Path) -> None:
    """Once, however often it starts; the rest is delivered and no number is given again."""
    spool = open_spool(tmp_path)
    for _ in range(4):
        spool.add([sample()])
    spool.acknowledge(1)
    spool.close()
    (file,) = (tmp_path / "spool").iterdir()
    content = file.read_bytes()
    middle = len(content) * 5 // 8
    file.write_bytes(content[:middle] + b"\xff" + content[middle + 1 :])

    for _ in range(2):
        again = open_spool(tmp_path)
        assert held(again) == [2, 4]
        assert metrics(again)["lost_reports_total"] == 1
        again.close()
    assert open_spool(tmp_path).add([sample()]) == 5


@pytest.mark.parametrize("junk", [b"", bytes(4096), b"WWR1" * 9], ids=["cut", "zeros", "magic"])
def test_spool_survives_a_kill_or_a_power_loss_at_every_byte_of_a_write(
    tmp_path: Path, junk: bytes
) -> None:
    """What was whole is delivered, what was cut is not, and the next report is readable.

    A file that was lengthened before its content reached the disk ends in zeros.
    """
    spool = open_spool(tmp_path)
    for _ in range(2):
        spool.add([sample()])
    (file,) = (tmp_path / "spool").iterdir()
    whole = file.stat().st_size
    spool.add([sample()])
    content = file.read_bytes()
    spool.close()

    for end in range(whole, len(content)):
        file.write_bytes(content[:end] + junk)
        again = open_spool(tmp_path)
        assert held(again) == [1, 2]
        assert again.add([sample(2)]) >= 3
        again.close()
        assert len(held(open_spool(tmp_path))) == 3


def test_spool_counts_no_number_lost_that_was_never_given(tmp_path: Path) -> None:
    """After a restored disk the numbers jump; what lies between was never a report."""
    spool = open_spool(tmp_path)
    for _ in range(2):
        spool.add([sample()])
    spool.renumber(2, 1_000_000)
    spool.add([sample()])
    spool.close()

    again = open_spool(tmp_path)

    assert [n for n in (1, 1_000_000, 1_000_001) if again.to_send(n)] == [1, 1_000_000, 1_000_001]
    assert metrics(again)["lost_reports_total"] == 0


@pytest.mark.parametrize("content", [None, b"", b"{", bytes(8192)])
def test_spool_without_its_ledger_sends_twice_rather_than_not(
    tmp_path: Path, content: bytes | None
) -> None:
    """A lost or damaged ledger makes duplicates; numbers still go on from the log."""
    spool = open_spool(tmp_path)
    for _ in range(3):
        spool.add([sample()])
    spool.acknowledge(1)
    spool.close()
    ledger = tmp_path / "ledger"
    ledger.unlink() if content is None else ledger.write_bytes(content)

    again = open_spool(tmp_path)

    assert held(again) == [1, 2, 3]
    assert again.next_seq == 4


def test_spool_reads_the_ledger_that_was_plain_json(tmp_path: Path) -> None:
    """An agent that is upgraded goes on with its numbers and its state."""
    spool = open_spool(tmp_path)
    spool.acknowledge(spool.add([sample()]), state="s1")
    spool.close()
    content = slots.read(tmp_path / "ledger")
    (tmp_path / "ledger").unlink()
    (tmp_path / "ledger.json").write_bytes(content)

    again = open_spool(tmp_path)

    assert (again.next_seq, again.state) == (2, "s1")


def test_spool_tells_a_queue_that_drains_from_one_that_does_not(tmp_path: Path) -> None:
    """A backlog of hours is no fault while its oldest goes; the newest going past it is no cure."""
    clocks = Clocks()
    spool = open_spool(tmp_path, clocks)
    for _ in range(5):
        spool.add([sample()])

    def undrained(*settled: int) -> float:
        clocks.forward(60)
        for seq in settled:
            spool.acknowledge(seq)
        return metrics(spool)["undrained_seconds"]

    assert undrained() == 60
    assert undrained(5) == 120
    assert undrained(1) == 0
    assert undrained() == 60
    assert metrics(spool)["oldest_age_seconds"] == 240
    assert undrained(2, 3, 4) == 0
    assert undrained() == 0
    spool.add([sample()])
    assert undrained() == 60


def test_spool_frees_the_files_of_what_was_acknowledged(tmp_path: Path) -> None:
    """Only the file that is being written stays."""
    spool = open_spool(tmp_path, limits=SpoolLimits(max_bytes=1 << 20))
    for n in range(200):
        spool.add(noise(n))
    assert len(list((tmp_path / "spool").iterdir())) > 5

    for n in range(1, 201):
        spool.acknowledge(n)

    assert len(list((tmp_path / "spool").iterdir())) == 1


def test_spool_presents_no_state_that_a_restart_would_forget(tmp_path: Path) -> None:
    """With a disk that takes no ledger, what the collector is shown is what the disk holds."""
    spool = open_spool(tmp_path)
    spool.acknowledge(spool.add([sample()]), state="s1")
    ledger = tmp_path / "ledger"
    content = ledger.read_bytes()
    ledger.unlink()
    ledger.mkdir()  # a file cannot take its place
    for state in ("s2", "s3"):
        spool.acknowledge(spool.add([sample()]), state=state)
        assert spool.state == "s1"

    ledger.rmdir()
    ledger.write_bytes(content)
    assert open_spool(tmp_path).state == "s1"
    spool.acknowledge(spool.add([sample()]), state="s4")
    assert (spool.state, open_spool(tmp_path).state) == ("s4", "s4")


def test_spool_refuses_a_value_that_is_no_number_and_keeps_its_count(tmp_path: Path) -> None:
    """The report is refused before it has a number."""
    spool = open_spool(tmp_path)

    with pytest.raises(ValueError, match="JSON"):
        spool.add([sample(float("nan"))])

    assert spool.add([sample()]) == 1


@given(st.integers(1, 10**12), st.sets(st.integers(1, 40)))
def test_ledger_comes_back_as_it_was(next_seq: int, settled: set[int]) -> None:
    """What is written is what is read."""
    ledger = Ledger(next_seq, 3, Ranges((n, n) for n in settled), 4, 5, 6, "state", "plan")

    again = ledgers.from_bytes(ledger.to_bytes())

    assert json.loads(again.to_bytes()) == json.loads(ledger.to_bytes())
    assert {n for n in range(45) if again.is_settled(n)} == settled | {0, 1, 2}


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(20, 120))
def test_spool_holds_exactly_what_is_not_settled_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, rng: random.Random, steps: int
) -> None:
    """Random adds, answers and restarts against a plain set; no number is ever given twice."""
    directory = tmp_path_factory.mktemp("spool")
    spool, expected, given_numbers = open_spool(directory), set[int](), list[int]()
    for _ in range(steps):
        action = rng.choice(["add", "add", "acknowledge", "refuse", "renumber", "restart", "kill"])
        if action == "add":
            seq = spool.add(noise(1), [EVENT] if rng.random() < 0.3 else [])
            given_numbers.append(seq)
            expected.add(seq)
        elif action in ("restart", "kill"):
            if action == "restart":
                spool.close()
            spool = open_spool(directory)
        elif expected:
            seq = rng.choice(sorted(expected))
            expected.discard(seq)
            if action == "acknowledge":
                spool.acknowledge(seq)
            elif action == "refuse":
                spool.refuse(seq, b"")
            else:
                new = spool.renumber(seq, rng.randrange(200))
                assert new is not None
                given_numbers.append(new)
                expected.add(new)
        assert spool.oldest == min(expected, default=spool.next_seq)

    assert set(held(spool)) == expected
    assert len(set(given_numbers)) == len(given_numbers)
