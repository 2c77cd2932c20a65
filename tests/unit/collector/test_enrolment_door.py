"""The limits before a request of an unknown key: by address, in all, and of what goes on record."""

from __future__ import annotations

from collector.address_limits import ALL_BURST, BURST
from collector.identity.enrolment_door import MAX_NOTED_PER_MINUTE, EnrolmentDoor


def test_guessing_from_many_addresses_is_slowed_in_all_and_fills_no_record() -> None:
    """Whoever has a thousand addresses gets no more than all may have; a minute lets some in."""
    at = 1_000.0
    door = EnrolmentDoor(monotonic=lambda: at)
    addresses = [f"10.0.{n // 250}.{n % 250}" for n in range(ALL_BURST)]
    waits = [door.wait_seconds(address) for address in addresses for _ in range(2)]
    assert waits.count(0.0) == ALL_BURST
    assert min(wait for wait in waits if wait) > 0
    assert [door.may_note() for _ in range(ALL_BURST)].count(True) == MAX_NOTED_PER_MINUTE

    at += 60
    assert door.wait_seconds("10.9.9.9") == 0.0
    assert door.may_note()


def test_one_address_spends_only_its_own_share() -> None:
    """An honest machine elsewhere is served while it is not."""
    door = EnrolmentDoor(monotonic=lambda: 1_000.0)
    assert [door.wait_seconds("10.0.0.1") for _ in range(BURST + 5)].count(0.0) == BURST
    assert door.wait_seconds("10.0.0.2") == 0.0
