"""Keys that knock: bounded in memory, time and attention, and never pushed out by invented ones."""

from __future__ import annotations

from datetime import timedelta

from collector.address_limits import ALL_BURST, BURST, MAX_ADDRESSES, AddressLimits
from collector.identity.knocks import MAX_KNOCKS, MAX_NEW_A_SECOND, NO_ID, Knocks
from tests.builders import T0


def name(number: int) -> str:
    return f"a-{number:016x}"


def test_knock_is_counted_with_its_times_and_its_last_address() -> None:
    """First and last instant, how often, from where."""
    knocks = Knocks()
    for minute in range(3):
        knocks.note(name(1), f"10.0.0.{minute}", T0 + timedelta(minutes=minute))
    knock = knocks[name(1)]
    assert (knock.knocks, knock.address) == (3, "10.0.0.2")
    assert (knock.first_at, knock.last_at) == (T0, T0 + timedelta(minutes=2))


def test_what_is_no_id_is_one_line() -> None:
    """Whoever sends garbage fills no list with it."""
    knocks = Knocks()
    for text in ("", "a-1", "<script>", "a-" + "G" * 16, "\n" * 99):
        knocks.note(text, "10.0.0.1", T0)
    assert len(knocks) == 1
    assert knocks[NO_ID].knocks == 5


def test_invented_ids_push_out_no_agent_that_keeps_knocking() -> None:
    """Ten thousand ids from a hundred addresses: the forgotten agent is still on the list."""
    knocks = Knocks()
    for number in range(10_000):
        at = T0 + timedelta(seconds=number / 15)
        if number % 900 == 0:  # an honest agent comes once a minute
            knocks.note(name(0), "10.9.9.9", at)
        knocks.note(name(number + 1), f"10.0.0.{number % 100}", at)
        assert len(knocks) <= MAX_KNOCKS
    assert knocks[name(0)].knocks == 12


def test_one_address_has_not_the_whole_list() -> None:
    """A site of many machines that nobody enrolled makes room for the others."""
    knocks = Knocks()
    for number in range(1, 1_000):
        knocks.note(name(number), "10.0.0.1", T0 + timedelta(seconds=number))
    knocks.note(name(0), "10.9.9.9", T0)
    knocks.note(name(1_000), "10.0.0.1", T0 + timedelta(seconds=1_000))
    assert len(knocks) == MAX_KNOCKS
    assert knocks[name(0)].address == "10.9.9.9"


def test_new_ids_cost_little_work() -> None:
    """Beyond twenty new ones in a second they are not even looked at."""
    knocks = Knocks()
    for number in range(1_000):
        knocks.note(name(number), "10.0.0.1", T0)
    assert len(knocks) == MAX_NEW_A_SECOND


def test_changes_are_handed_out_once_and_come_back_when_they_were_not_stored() -> None:
    """The tables learn of each change, also after a failed write."""
    knocks = Knocks()
    knocks.note(name(1), "10.0.0.1", T0)
    changed, gone = knocks.take_changes()
    assert ([knock.agent for knock in changed], gone) == ([name(1)], set())
    assert knocks.take_changes() == ([], set())
    knocks.put_back(changed, gone)
    knocks.forget([name(1)])
    assert knocks.take_changes() == ([], {name(1)})


def test_address_that_asks_too_often_waits_and_others_do_not() -> None:
    """Sixty at once, then thirty a minute; memory is bounded."""
    limits = AddressLimits(0.0)
    waits = [limits.wait_seconds("10.0.0.1", 1.0) for _ in range(BURST + 5)]
    assert waits[:BURST] == [0.0] * BURST
    assert all(wait > 0 for wait in waits[BURST:])
    assert limits.wait_seconds("10.0.0.2", 1.0) == 0
    assert limits.wait_seconds("10.0.0.1", 4.0) == 0


def test_all_addresses_together_have_a_limit_and_a_bounded_memory() -> None:
    """Whoever has many addresses gets no further."""
    limits = AddressLimits(0.0)
    waits = [limits.wait_seconds(f"10.0.{n // 250}.{n % 250}", 1.0) for n in range(3_000)]
    assert sum(wait == 0 for wait in waits) == ALL_BURST
    assert len(limits) == MAX_ADDRESSES
