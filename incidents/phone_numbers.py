"""Telephone numbers as the public network writes them: E.164, `+84912345678`."""

from __future__ import annotations

import re

# The country whose numbers people write with a leading 0 (ITU-T E.164, list of country codes).
COUNTRY = "84"
_SEPARATORS = re.compile(r"[\s.()-]")
# ITU-T E.164: at most 15 digits with the country code, which never begins with 0.
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
# A national number of ours without its 0: 9 digits for a mobile, up to 10 for a landline.
_NATIONAL = re.compile(r"[1-9][0-9]{7,9}")
# Services of ours: emergency calls and free numbers; they are dialled as they are.
_SERVICE = re.compile(r"1[0-9]{2,7}")
FORM = "a telephone number such as '+84912345678', '0912 345 678' or '113', in quotes"


def to_e164(text: str) -> str:
    """Return a number as `+84912345678`; `0…`, `84…` and `00…` are understood.

    Raises:
        ValueError: It is no telephone number that can be called from anywhere.
    """
    given = _SEPARATORS.sub("", text)
    if given.startswith("00"):
        given = "+" + given[2:]
    elif given.startswith("0") and _NATIONAL.fullmatch(given[1:]):
        given = f"+{COUNTRY}{given[1:]}"
    elif given.startswith(COUNTRY) and _NATIONAL.fullmatch(given[len(COUNTRY) :]):
        given = "+" + given
    if given.isascii() and _INTERNATIONAL.fullmatch(given):
        return given
    raise ValueError(f"allowed is {FORM}")


def to_dial(text: str) -> str:
    """Return a number as it is dialled: in E.164, or a service of ours as it is.

    Raises:
        ValueError: It is neither.
    """
    given = _SEPARATORS.sub("", text)
    return given if given.isascii() and _SERVICE.fullmatch(given) else to_e164(text)


def shown(number: str) -> str:
    """Return a number as people here read it: ours with a 0 and in groups, others as they are."""
    if not number.startswith(f"+{COUNTRY}"):
        return number
    national = "0" + number[len(COUNTRY) + 1 :]
    return f"{national[:-6]} {national[-6:-3]} {national[-3:]}"
