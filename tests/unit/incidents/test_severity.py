"""Severity: the matrix, then the modifiers in their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.severity import NONE, Circumstances, weigh
from tests.builders import PROCEDURE

LIVE_A = Circumstances(session_class="A", in_session=True)
LIVE_B = Circumstances(session_class="B", in_session=True)
DEAD_B = Circumstances(session_class="B", in_session=True, picture_and_sound_lost=True)
CIPHER = Circumstances(cipher_compromised=True)
SECRET = Circumstances(secret_or_security=True)


@pytest.mark.parametrize(
    ("impact", "scope", "circumstances", "severity", "modifiers"),
    [
        ("I2", "P2", NONE, "S3", []),
        ("I2", "P2", LIVE_A, "S2", ["phien_hang_a"]),
        ("I4", "P4", LIVE_A, "S1", ["phien_hang_a"]),
        ("I2", "P2", LIVE_B, "S3", []),
        ("I2", "P2", DEAD_B, "S2", ["phien_hang_b"]),
        ("I2", "P2", Circumstances(session_class="A"), "S3", []),
        ("I2", "P2", Circumstances(session_class="C", in_session=True), "S3", []),
        ("I1", "P1", CIPHER, "S2", ["mat_ma"]),
        ("I4", "P4", CIPHER, "S1", ["mat_ma"]),
        ("I1", "P1", SECRET, "S1", ["bi_mat"]),
        ("I1", "P1", Circumstances(or_else="S2"), "S2", ["chua_chac"]),
        ("I3", "P2", Circumstances(or_else="S4"), "S2", ["chua_chac"]),
        (
            "I2",
            "P1",
            Circumstances("A", in_session=True, cipher_compromised=True, or_else="S4"),
            "S2",
            ["phien_hang_a", "mat_ma", "chua_chac"],
        ),
    ],
)
def test_severity_is_the_matrix_and_then_the_modifiers_in_their_order(
    impact: str, scope: str, circumstances: Circumstances, severity: str, modifiers: list[str]
) -> None:
    """Up one level for a class A session, at least S2 for cipher, S1 for secrets, the higher."""
    weighed = weigh(PROCEDURE, impact, scope, circumstances)

    assert weighed.severity == severity
    assert [step.modifier for step in weighed.steps] == modifiers


def test_a_suspected_secret_leak_locks_free_text() -> None:
    """Only then is the text limited to pointers."""
    assert weigh(PROCEDURE, "I1", "P1", SECRET).pointer_only
    assert not weigh(PROCEDURE, "I4", "P4", CIPHER).pointer_only


@given(
    st.sampled_from(list(PROCEDURE.file.impacts)),
    st.sampled_from(list(PROCEDURE.file.scopes)),
    st.builds(
        Circumstances,
        st.sampled_from(["", "A", "B", "C"]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, "S1", "S2", "S3", "S4"]),
    ),
)
def test_a_modifier_never_lowers(impact: str, scope: str, circumstances: Circumstances) -> None:
    """Whatever the circumstances, the result is at least that of the matrix; each step as well."""
    weighed = weigh(PROCEDURE, impact, scope, circumstances)

    assert not PROCEDURE.is_higher(weighed.of_matrix, weighed.severity)
    assert all(not PROCEDURE.is_higher(s.before, s.after) for s in weighed.steps)
