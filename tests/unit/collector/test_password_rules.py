"""Passwords that somebody would try are refused; long ones of one's own are not."""

from __future__ import annotations

import pytest

from collector.accounts import argon
from collector.accounts.password_rules import LONGEST, weakness

NAMES = ("Nguyễn Văn An", "Văn phòng Tỉnh ủy")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "ngắn quá",
        "elevenchars",
        "password1234",
        "Mật khẩu 2026",
        "M@tKh@u123456",
        "qwertyuiop123",
        "123456789012",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "nguyenvanan2026",
        "VanPhongTinhUy@2026",
        "wanwatch-admin-123",
        "x" * (LONGEST + 1),
    ],
)
def test_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    """Too short, too long, common, rows of keys, one's name, the office; with words why."""
    weak = weakness(password, NAMES)
    assert weak is not None
    assert weak.reason_vi
    assert password == "" or password not in weak.reason_en


@pytest.mark.parametrize(
    "password",
    [
        "con trâu bơi qua sông",
        "correct horse battery",
        "zk7Qw_vvPe91x",
        "đò đưa khách lạ",
        "~!#%&*()+={}ab1",
    ],
)
def test_long_password_of_ones_own_is_taken(password: str) -> None:
    """No rule says which kinds of characters it must have."""
    assert weakness(password, NAMES) is None


def test_length_counts_characters_as_a_person_sees_them() -> None:
    """A letter with its marks is one, however the keyboard composes it."""
    composed, apart = "đò đưa khách", "đo\u0300 đu\u031ba khách"[:14]
    assert weakness(composed) is None
    assert weakness(apart) is None


def test_hash_is_right_for_its_password_alone() -> None:
    """Salted, checked whatever the keyboard composes, wrong for everything else."""
    weak = {"passes": 1, "memory_bytes": 8 << 10}
    first, second = (argon.hash_password("đò đưa khách", **weak) for _ in range(2))
    assert first != second
    assert first.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert argon.is_password(first, "đo\u0300 đu\u031ba kha\u0301ch")
    assert not argon.is_password(first, "đò đưa khac")


def test_hash_with_other_parameters_is_outdated() -> None:
    """It is made anew at the next log-in; what we make now is not outdated."""
    weak = argon.hash_password("x", passes=1, memory_bytes=8 << 10)
    assert argon.is_outdated(weak)
    assert not argon.is_outdated(weak, passes=1, memory_bytes=8 << 10)
    assert argon.is_outdated("$2b$12$something")
    assert not argon.is_outdated(argon.hash_password("x"))
