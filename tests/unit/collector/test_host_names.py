"""Host names: what may stand on a page, and which two of them people would mix up."""

from __future__ import annotations

import pytest

from collector.host_names import check_host_name, skeleton


@pytest.mark.parametrize(
    "name", ["may-chu-1", "MAY_CHU.01", "máy chủ 3", "Đảng-ủy-2", "x", "1", "a" * 63]
)
def test_name_that_people_use_is_allowed(name: str) -> None:
    """Letters with Vietnamese marks, digits, signs and single spaces between them."""
    assert check_host_name(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("a" * 64, "64 characters"),
        ("m\u00e1y\u202egnp", "U+202E"),
        ("may\u200bchu", "U+200B"),
        ("mаy-chu", "U+0430"),  # the second letter is Cyrillic
        ("ｍay", None),  # a Latin letter of full width is another name than it looks
        ("may\nchu", "U+000A"),
        ("may\x1b[31m", "U+001B"),
        ("may/chu", "U+002F"),
        ("<b>may</b>", "U+003C"),
        ("=cmd", "U+003D"),
        ("١", "U+0661"),
        ("-may", "begins"),
        ("may.", "ends"),
        ("may  chu", "two spaces"),
        ("ma\u0301y", "composed"),
    ],
)
def test_name_that_deceives_or_injects_is_refused(name: str, reason: str | None) -> None:
    """Nothing that reorders, hides, imitates or is read as markup or a formula."""
    found = check_host_name(name)
    assert found is not None
    assert reason is None or reason in found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("may-chu-1", "may-chu-l"),
        ("may-chu-1", "MAY-CHU-I"),
        ("may-O1", "may-01"),
        ("intern-1", "intem-1"),
        ("wan", "vvan"),
        ("may_chu.1", "may-chu 1"),
    ],
)
def test_names_that_look_alike_share_a_skeleton(one: str, other: str) -> None:
    """On a screen at three in the morning they are the same host."""
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("may-1", "may-2"), ("may-1-12", "may-11-2"), ("ma", "má"), ("pc-15", "pc-ls")],
)
def test_names_that_people_tell_apart_do_not(one: str, other: str) -> None:
    """Numbers, marks and where the words end make other names."""
    assert skeleton(one) != skeleton(other)
