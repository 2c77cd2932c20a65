"""One-time codes: those of the standard, each good once, and recovery codes as typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collector.accounts import totp

# Source: RFC 6238 appendix B, the last six of its eight digits.
SECRET = b"12345678901234567890"
VECTORS = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The vectors of RFC 6238 hold, and the code is good at its instant."""
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_of(SECRET, totp.step_at(now)) == code
    assert totp.matching_step(SECRET, code, now, after=0) == totp.step_at(now)


def test_code_is_good_half_a_minute_early_or_late_and_no_longer() -> None:
    """A telephone's clock is a little off; one step each way is allowed, two are not."""
    now = datetime(2026, 11, 23, 19, 0, 15, tzinfo=UTC)
    code = totp.code_of(SECRET, totp.step_at(now))
    for seconds, is_good in ((-31, True), (0, True), (31, True), (61, False), (-61, False)):
        found = totp.matching_step(SECRET, code, now + timedelta(seconds=seconds), after=0)
        assert (found is not None) == is_good, seconds


def test_code_that_was_used_is_used_up() -> None:
    """The step that was taken, and every one before it, opens nothing again."""
    now = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    step = totp.step_at(now)
    assert totp.matching_step(SECRET, totp.code_of(SECRET, step), now, after=step) is None
    assert totp.matching_step(SECRET, totp.code_of(SECRET, step - 1), now, after=step) is None
    after = totp.matching_step(SECRET, totp.code_of(SECRET, step + 1), now, after=step)
    assert after == step + 1


@pytest.mark.parametrize("typed", ["287 082", " 287082 ", "\N{FULLWIDTH DIGIT TWO}87082"])
def test_code_is_understood_as_people_type_it(typed: str) -> None:
    """Spaces and wide digits are no mistake."""
    now = datetime.fromtimestamp(59, UTC)
    assert totp.matching_step(SECRET, typed, now, after=0) == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "abcdef", "\N{SUPERSCRIPT TWO}87082x1"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    """And nothing breaks."""
    now = datetime.fromtimestamp(59, UTC)
    assert totp.matching_step(SECRET, typed, now, after=0) is None


def test_recovery_code_is_the_same_however_it_is_written() -> None:
    """Capitals, dashes and spaces do not matter; another code is another digest."""
    code = totp.recovery_code(bytes(range(10)))
    assert len(code.replace("-", "")) == 16
    written = (code, code.upper(), code.replace("-", ""), code.replace("-", " "))
    assert len({totp.recovery_digest(one) for one in written}) == 1
    assert totp.recovery_digest(totp.recovery_code(bytes(10))) != totp.recovery_digest(code)


def test_key_is_what_authenticator_programs_read() -> None:
    """Base32 without padding, and the address with issuer and name."""
    assert totp.secret_text(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.key_uri(SECRET, "An") == (
        "otpauth://totp/wanwatch:An?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=wanwatch"
        "&algorithm=SHA1&digits=6&period=30"
    )
