"""Guessing is slowed without end and nobody is locked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.accounts.attempts import MAX_COUNTS, STRANGERS, Attempts, Failure

NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def guessed(attempts: Attempts, *, name: str, address: str, seconds: int) -> int:
    """Let somebody try every second; return how many attempts were looked at."""
    return sum(
        not attempts.begin(name, address, "", NOW + timedelta(seconds=second))
        for second in range(seconds)
    )


def test_guesser_gets_a_few_and_then_one_a_minute() -> None:
    """In an hour of trying every second from one place, less than seventy are looked at."""
    assert 60 <= guessed(Attempts(), name="an", address="10.0.0.9", seconds=3600) <= 70


def test_delay_grows_and_has_a_bound() -> None:
    """A second, two, four, up to a minute; never more."""
    attempts, now, waits = Attempts(), NOW, []
    while len(waits) < 10:
        if wait := attempts.begin("an", "10.0.0.9", "", now):
            waits.append(wait)
            now += timedelta(seconds=wait)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_person_elsewhere_gets_in_while_somebody_guesses() -> None:
    """Whoever fails in one place slows that place: another is looked at after ten seconds."""
    attempts = Attempts()
    guessed(attempts, name="an", address="10.0.0.9", seconds=600)
    later = NOW + timedelta(seconds=600)
    wait = attempts.begin("an", "10.0.0.7", "", later)
    assert wait <= STRANGERS.longest_seconds
    assert attempts.begin("an", "10.0.0.7", "", later + timedelta(seconds=wait)) == 0


def test_person_at_a_known_device_notices_nothing() -> None:
    """Even behind the very address that guesses, and however many do."""
    attempts = Attempts()
    for number in range(100):
        guessed(attempts, name="an", address=f"10.0.1.{number}", seconds=10)
    guessed(attempts, name="an", address="10.0.0.9", seconds=600)
    assert attempts.begin("an", "10.0.0.9", "their-own-device", NOW + timedelta(seconds=600)) == 0


def test_known_device_is_no_way_to_guess() -> None:
    """One that was stolen is slowed like everybody."""
    attempts = Attempts()
    tried = sum(
        not attempts.begin("an", "10.0.0.9", "stolen", NOW + timedelta(seconds=second))
        for second in range(3600)
    )
    assert tried <= 70


def test_many_names_from_one_address_are_slowed() -> None:
    """One password tried on every name is found out by its address."""
    attempts = Attempts()
    tried = sum(not attempts.begin(f"name-{n}", "10.0.0.9", "", NOW) for n in range(1000))
    assert tried <= 25


def test_right_password_takes_its_attempt_back() -> None:
    """Somebody who mistypes now and then never waits."""
    attempts = Attempts()
    for turn in range(200):
        now = NOW + timedelta(minutes=10 * turn)
        for _ in range(3):
            assert attempts.begin("an", "10.0.0.7", "", now) == 0
        assert attempts.begin("an", "10.0.0.7", "", now) == 0
        attempts.succeeded("an", "10.0.0.7", "")
    assert len(attempts) == 0


def test_refused_attempt_prolongs_nothing() -> None:
    """The delay runs from the last one that was looked at."""
    attempts = Attempts()
    while not (wait := attempts.begin("an", "10.0.0.9", "", NOW)):
        pass
    for tenth in range(9):
        assert attempts.begin("an", "10.0.0.9", "", NOW + timedelta(seconds=wait * tenth / 10))
    assert attempts.begin("an", "10.0.0.9", "", NOW + timedelta(seconds=wait)) == 0


def test_clock_that_goes_back_keeps_nobody_out() -> None:
    """Nobody waits longer than the longest delay, whatever the clock did."""
    attempts = Attempts()
    guessed(attempts, name="an", address="10.0.0.9", seconds=600)
    assert attempts.begin("an", "10.0.0.9", "", NOW - timedelta(days=1)) <= 60


def test_restart_gives_a_guesser_no_new_start() -> None:
    """Failures on record count on; those of nobody we know count for their address."""
    attempts = Attempts([Failure("an", "10.0.0.9", 40, NOW), Failure("", "10.0.0.8", 400, NOW)])
    assert attempts.begin("an", "10.0.0.9", "", NOW) > 0
    assert attempts.begin("bình", "10.0.0.8", "", NOW) > 0
    assert attempts.begin("bình", "10.0.0.7", "", NOW) == 0


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=50))
def test_no_attempt_waits_longer_than_the_longest_delay(tries: list[tuple[int, int]]) -> None:
    """Whoever tries whatever, whenever: the next one is looked at within a minute."""
    attempts = Attempts()
    for seconds, who in tries:
        wait = attempts.begin(str(who % 3), str(who % 5), "", NOW + timedelta(seconds=seconds))
        assert wait <= 60


def test_memory_is_bounded() -> None:
    """Names and addresses without end take a bounded place."""
    attempts = Attempts()
    for number in range(2 * MAX_COUNTS):
        attempts.begin(f"name-{number}", f"address-{number}", "", NOW)
    assert len(attempts) == MAX_COUNTS
