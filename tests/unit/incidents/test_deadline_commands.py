"""Saying that a duty was done, and giving an internal one more time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidents.commands import Command, Extend, Meet, Refused, decide
from incidents.timeline import microseconds
from tests.builders import AN
from tests.timeline_builder import File, local

MONDAY = local("2026-11-23 09:00")


def do(file: File, command: Command) -> Any:
    """The entry that a command makes."""
    (draft,) = decide(file.incident, command, AN, file.procedure, file.now)
    return draft


def refusal(file: File, command: Command) -> Refused:
    """Why a command is refused; the words are there in both languages."""
    with pytest.raises(Refused) as caught:
        do(file, command)
    assert caught.value.reason_vi
    assert caught.value.reason_en
    return caught.value


def test_duty_is_met_with_how_it_was_done() -> None:
    """The instant is kept as a fact, what a person typed as words that can be sealed."""
    draft = do(File(MONDAY).after(minutes=5), Meet("notify_commander", "Gọi điện", told="Anh Bình"))

    assert draft.data == {
        "deadline": "notify_commander",
        "run": "S2",
        "met_at": microseconds(MONDAY + timedelta(minutes=5)),
    }
    assert draft.texts == {"how": "Gọi điện", "told": "Anh Bình"}


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (Meet("notify_commander", " "), ("how",)),
        (Meet("bca_24h", "Gửi văn bản"), ("told", "document")),
        (Meet("bca_24h", "Gửi văn bản", told="Công an tỉnh"), ("document",)),
        (Meet("bca_now", "Gọi điện"), ("told",)),
        (Meet("restore", "Đã sửa"), ("deadline",)),
        (Meet("nothing", "x"), ("deadline",)),
        (Meet("review", "x"), ("deadline",)),
        (Meet("update", "x", at=MONDAY + timedelta(hours=2)), ("at",)),
        (Meet("update", "x", at=MONDAY - timedelta(hours=2)), ("at",)),
    ],
)
def test_refusal_says_what_is_needed(command: Command, needed: tuple[str, ...]) -> None:
    """A clock of law needs who was told, a report its number; stages are not met by hand."""
    file = File(MONDAY).decide("ngay", "nghiem_trong").after(hours=1)

    assert refusal(file, command).needed == needed


def test_duty_is_met_once_and_a_repeating_one_each_time() -> None:
    """The second time names when it was done first."""
    file = File(MONDAY).after(minutes=5).meet("notify_commander").meet("update").after(minutes=5)

    assert "was met at" in refusal(file, Meet("notify_commander", "x")).reason_en
    assert do(file, Meet("update", "x")).data["run"] == "S2.1"


def test_clock_of_law_is_never_extended() -> None:
    """The refusal names the rule."""
    file = File(MONDAY).decide("ngay", "su_co")
    until = MONDAY + timedelta(days=9)

    for code in ("bca_72h", "bca_now"):
        refused = refusal(file, Extend(code, until, "Lê Bình", "chờ"))
        assert "cannot be extended" in refused.reason_en
        assert "NĐ 331/2026" in refused.reason_vi


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (Extend("fix", MONDAY + timedelta(days=5), " ", ""), ("approver", "reason")),
        (Extend("fix", MONDAY + timedelta(hours=2), "Bình", "chờ"), ("until",)),
        (Extend("notify_commander", MONDAY + timedelta(days=5), "Bình", "x"), ("deadline",)),
    ],
)
def test_extension_needs_an_approver_a_reason_and_a_later_instant(
    command: Command, needed: tuple[str, ...]
) -> None:
    """What was met has nothing to extend."""
    file = File(MONDAY).after(minutes=5).meet("notify_commander")

    assert refusal(file, command).needed == needed


def test_extension_keeps_what_was_due_before() -> None:
    """Who approved it and why are words of the entry."""
    until = MONDAY + timedelta(days=5)
    draft = do(File(MONDAY), Extend("fix", until, "Lê Bình", "chờ thiết bị"))

    assert draft.data["due_before"] == microseconds(MONDAY + timedelta(hours=48))
    assert draft.data["until"] == microseconds(until)
    assert draft.texts == {"approver": "Lê Bình", "reason": "chờ thiết bị"}
