"""Which library asks which device."""

from __future__ import annotations

import pytest

from agents.snmp.credential import AUTHS, PRIVACIES, Community, Credential, User
from agents.snmp.engine import GUFO, PYSNMP, choose
from agents.snmp.engine_gufo import gufo_user
from agents.snmp.pysnmp_words import auth_of

PASSWORD = "long-enough"


@pytest.mark.parametrize(
    ("credential", "library"),
    [
        (Community("1", "public"), PYSNMP),
        (Community("2c", "public"), GUFO),
        (User("kpi"), GUFO),
        (User("kpi", "SHA-512", PASSWORD, "AES-256", PASSWORD), GUFO),
        (User("kpi", "SHA", PASSWORD, "3DES", PASSWORD), PYSNMP),
    ],
)
def test_the_fast_one_where_it_can(credential: Credential, library: str) -> None:
    """And never where it is not installed, nor for a device that it could not read."""
    assert choose(credential, has_gufo=True) == library
    assert choose(credential, has_gufo=False) == PYSNMP
    assert choose(credential, has_gufo=True, is_strange=True) == PYSNMP


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("privacy", ["", *PRIVACIES])
def test_every_kind_has_its_name_in_the_libraries(auth: str, privacy: str) -> None:
    """No kind that the file of credentials allows fails later, at the device."""
    user = User("kpi", auth, PASSWORD, privacy, privacy and PASSWORD)
    assert auth_of(user).userName == "kpi"
    if choose(user, has_gufo=True) == GUFO:
        assert gufo_user(user).name == "kpi"
