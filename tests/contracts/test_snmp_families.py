"""What every family of SNMP devices promises, whatever a device answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.snmp.family import Asked, Family, Identity, Kind, Poll, Value
from tests.snmp_walks import FAMILIES, hold_to_promises

DOCUMENT = (Path(__file__).parents[2] / "docs" / "snmp.md").read_text(encoding="utf-8")
OID = re.compile(r"1\.3\.6\.1(\.\d+)+")
NAME = re.compile(r"wanwatch_[a-z][a-z0-9]*(_[a-z0-9]+)*")
UNIT = re.compile(
    r"_(seconds|ratio|total|per_second|pixels|info|interfaces|calls|faults|conferences|participants"
    r"|ports|devices)$"
)
# Yes or no.
UNITLESS = re.compile(
    r"_(up|enabled|lost|half_duplex|unsaved|on_battery|replace_battery|battery_low|registered"
    r"|standby|muted|encrypted|in_service|valid)$"
)
EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda one: one.name)
NOBODY = Identity("", "", None, "")
ROWS = ("1", "2", "10", "1.3", "1.65.1.66.2", "1.65.1.66.2.1", "6.65.66.1", "4294967296", "0")


def everything_asked(family: Family) -> tuple[set[str], set[str]]:
    """Return all leaves and columns that a family may ask for."""
    first = family.asked({})
    rows: dict[str, Value] = {f"{table}.{row}": 1 for table in first.tables for row in ROWS}
    later = family.asked(rows)
    return {*first.leaves, *later.leaves}, {*first.tables, *later.tables}


VALUES = st.one_of(
    st.integers(-(10**30), 10**30),
    st.integers(0, 5),
    st.sampled_from([2**31 - 1, 2**32 - 1, 2**32, 2**63, 2**64 - 1, 2**64, 10**400]),
    st.binary(max_size=300),
    st.text(max_size=60),
    st.sampled_from([b"1280x720", b"0.000%", b"nan", b"inf", b"1e308", b"-1", b"\xff\xfe", "3"]),
)


@st.composite
def answers(draw: st.DrawFn, family: Family) -> dict[str, Value]:
    """Any values for what a family may ask, of columns in any rows, and some that nobody asked."""
    leaves, tables = everything_asked(family)
    keys = [*leaves, *(f"{table}.{row}" for table in tables for row in ROWS), "1.3.6.1.9.9.1"]
    return draw(st.dictionaries(st.sampled_from(sorted(keys)), VALUES, max_size=60))


IDENTITIES = st.builds(
    Identity,
    st.text(max_size=300),
    st.text(max_size=40),
    st.one_of(st.none(), st.integers(-5, 2**33)),
    st.text(max_size=200),
)


@EVERY_FAMILY
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_family_keeps_its_promises_whatever_a_device_answers(
    family: Family, data: st.DataObject
) -> None:
    """Three polls in a row: nothing raises, every value is finite, bounded and promised."""
    memory: dict[str, object] = {}
    for at in (0.0, data.draw(st.floats(0, 1e6)), 1e6):
        values = data.draw(answers(family))
        identity = data.draw(IDENTITIES)
        family.is_likely(identity)
        assert isinstance(family.asked(values), Asked)
        poll = Poll("it", identity, values, at, memory)
        hold_to_promises(family, list(family.evaluate(poll)))


@EVERY_FAMILY
def test_a_device_that_has_nothing_has_nothing_wrong(family: Family) -> None:
    """No answer is no fault: nothing but a name, a count of nothing, or no row at all."""
    found = list(family.evaluate(Poll("it", NOBODY, {}, 0.0, {})))
    hold_to_promises(family, found)
    assert all(one.value == 0 or one.name.endswith("_info") for one in found)


@EVERY_FAMILY
def test_family_asks_for_identifiers_and_no_more_than_fits(family: Family) -> None:
    """A leaf ends in its instance; a device that is polled each minute is not asked for much."""
    leaves, tables = everything_asked(family)
    assert all(OID.fullmatch(one) for one in leaves | tables)
    assert all(one.endswith(".0") for one in leaves)
    assert len(leaves) <= 64
    assert len(tables) <= 64
    first = family.asked({})
    assert len(first.tables) <= 32
    assert not family.leaf or (OID.fullmatch(family.leaf) and family.leaf.endswith(".0"))


@EVERY_FAMILY
def test_family_names_its_metrics_with_their_units(family: Family) -> None:
    """One name, one unit, as everywhere."""
    assert family.metrics
    assert len(set(family.metrics)) == len(family.metrics)
    for name in family.metrics:
        assert NAME.fullmatch(name)
        assert UNIT.search(name) or UNITLESS.search(name), name
    assert 0 < family.most_series < 2_000
    assert family.kind in get_args(Kind)


@EVERY_FAMILY
def test_family_stands_in_the_document(family: Family) -> None:
    """A row of its own, and each metric explained."""
    assert re.search(rf"^\| `{family.name}` \|", DOCUMENT, flags=re.MULTILINE)
    missing = [name for name in family.metrics if f"`{name}" not in DOCUMENT]
    assert missing == []


def test_family_is_called_as_its_file() -> None:
    """One file, one family."""
    assert {name: family.name for name, family in FAMILIES.items()} == {n: n for n in FAMILIES}


def test_document_names_no_metric_that_no_family_reports() -> None:
    """What is explained is sent."""
    named = set(
        re.findall(r"`(wanwatch_(?:device|interface|path_probe|ups|bridge|site)_\w+)", DOCUMENT)
    )
    assert named - {name for family in FAMILIES.values() for name in family.metrics} == set()
