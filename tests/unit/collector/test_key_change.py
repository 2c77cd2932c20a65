"""A key names the one that follows it; nobody else does, and a lost answer does no harm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collector.identity.key_change import Held, Verdict, decide

OLD, NEW, THIRD = b"o" * 32, b"n" * 32, b"t" * 32
BEFORE = Held(OLD, b"", is_previous_good=False, is_revoked=False, is_quarantined=False)
AFTER = replace(BEFORE, key=NEW, previous_key=OLD, is_previous_good=True)
LATER = replace(AFTER, is_previous_good=False)


@pytest.mark.parametrize(
    ("held", "old", "new", "signer", "verdict"),
    [
        pytest.param(BEFORE, OLD, NEW, OLD, "changed", id="the key of now proposes"),
        pytest.param(AFTER, OLD, NEW, OLD, "changed_before", id="the answer was lost"),
        pytest.param(AFTER, OLD, NEW, NEW, "changed_before", id="again, signed by the new one"),
        pytest.param(LATER, OLD, NEW, NEW, "changed_before", id="a day later, by the new one"),
        pytest.param(LATER, OLD, NEW, OLD, "unknown_key", id="a day later, by the old one"),
        pytest.param(AFTER, OLD, THIRD, OLD, "unknown_key", id="the old one proposes another"),
        pytest.param(AFTER, NEW, THIRD, NEW, "changed", id="the next change"),
        pytest.param(BEFORE, OLD, NEW, NEW, "unknown_key", id="a new key proposes itself"),
        pytest.param(BEFORE, THIRD, NEW, THIRD, "unknown_key", id="a stranger proposes"),
        pytest.param(BEFORE, OLD, OLD, OLD, "unknown_key", id="no change at all"),
        pytest.param(None, OLD, NEW, OLD, "unknown_key", id="nobody"),
        pytest.param(replace(BEFORE, is_revoked=True), OLD, NEW, OLD, "unknown_key", id="revoked"),
        pytest.param(
            replace(BEFORE, is_quarantined=True), OLD, NEW, OLD, "quarantined", id="two machines"
        ),
    ],
)
def test_only_the_key_of_now_names_its_follower(
    held: Held | None, old: bytes, new: bytes, signer: bytes, verdict: Verdict
) -> None:
    """Repeats are answered as the first time; everything else is nobody's."""
    assert decide(held, old=old, new=new, signer=signer) == verdict
