"""Credentials of devices: what a table may say, and that nothing shows them."""

from __future__ import annotations

from typing import Any

import pytest

from agents.snmp.credential import Community, User, read_credential

SECRET = "s3cr3t-Word-0815"
WHOLE = {
    "version": "3",
    "user": "kpi",
    "auth": "SHA-256",
    "auth_password": SECRET,
    "privacy": "AES",
    "privacy_password": SECRET,
}


def test_reads_each_version() -> None:
    """A community for 1 and 2c, a user for 3, with or without keys."""
    assert read_credential({"version": "1", "community": "c"}) == Community("1", "c")
    assert read_credential({"version": "2c", "community": "c"}) == Community("2c", "c")
    assert read_credential({"version": "3", "user": "kpi"}) == User("kpi")
    assert read_credential(WHOLE) == User("kpi", "SHA-256", SECRET, "AES", SECRET)


@pytest.mark.parametrize("found", [Community("2c", SECRET), read_credential(WHOLE)])
def test_shows_no_secret(found: object) -> None:
    """Neither as text nor for a debugger."""
    assert SECRET not in f"{found} {found!r}"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "version must be"),
        ({"version": 3}, "version must be"),
        ({"version": SECRET}, "version must be"),
        ({"version": "2c"}, "community is missing"),
        ({"version": "2c", "community": ""}, "community must be a text"),
        ({"version": "2c", "community": 5}, "community must be a text"),
        ({"version": "2c", "user": SECRET}, "user is not known; allowed are version, community"),
        ({"version": "2c", "community": "c", SECRET: "x"}, "a field is not known"),
        ({"version": "3", "user": "u", "auth": "SHA"}, "auth and auth_password stand together"),
        ({**WHOLE, "auth": SECRET}, "auth must be one of MD5, SHA"),
        ({**WHOLE, "privacy": "ROT13"}, "privacy must be one of DES"),
        ({**WHOLE, "auth_password": "short"}, "auth_password is shorter than 8"),
        ({k: v for k, v in WHOLE.items() if "auth" not in k}, "privacy needs auth"),
    ],
)
def test_says_what_is_wrong_without_saying_what_stood_there(
    given: dict[str, Any], says: str
) -> None:
    """The field and what is allowed; never a value, which may be a secret in the wrong place."""
    with pytest.raises(ValueError, match=says) as caught:
        read_credential(given)
    assert SECRET not in str(caught.value)
