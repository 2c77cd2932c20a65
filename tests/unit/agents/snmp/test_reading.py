"""Tables are read in few questions, and nothing that changed is missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import Answer
from agents.snmp.engine import Failed
from agents.snmp.family import Asked
from agents.snmp.reading import LOOK_SECONDS, RESTLESS_SECONDS, STANDS_SECONDS, Reading, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.snmp.family import Values

TABLE = "1.3.6.1.2.1.2.2.1"
COLUMNS = tuple(f"{TABLE}.{number}" for number in (2, 3, 5, 7))
ASKED = Asked(("1.1.0", "1.9.0"), COLUMNS)


class Device:
    """Answers from a table of values, and counts; fails at its last question where told so."""

    def __init__(self, values: Values, most_questions: int = 1_000) -> None:
        self.values, self.most = values, most_questions
        self.walked: list[str] = []
        self.asked: list[str] = []

    def get(self, leaves: Sequence[str]) -> Values:
        self.asked += leaves
        self._count()
        return {leaf: self.values[leaf] for leaf in leaves if leaf in self.values}

    def walk(self, column: str) -> Values:
        self.walked.append(column)
        self._count()
        return {k: v for k, v in self.values.items() if k.startswith(f"{column}.")}

    def _count(self) -> None:
        self.most -= 1
        if self.most < 0:
            raise Failed(Answer.WRONG_CONTENT)


def read(device: Device, shapes: dict[str, Shape], at: float = 0.0) -> Values:
    reading = Reading(device, shapes, at)
    reading.read([ASKED])
    assert reading.is_whole(ASKED)
    return reading.values


def table(*rows: int, columns: Sequence[str] = COLUMNS) -> Values:
    return {f"{column}.{row}": row for column in columns for row in rows}


def test_a_table_that_changed_is_walked_by_one_column_each_time() -> None:
    """The rest is asked for by name, and what it says now counts."""
    device, shapes = Device({"1.1.0": 5, **table(1)}), dict[str, Shape]()
    assert read(device, shapes) == device.values
    assert device.walked == [*COLUMNS]
    device.values = {"1.1.0": 5, **table(2, 3)}
    assert read(device, shapes, 60.0) == device.values
    device.walked.clear()
    device.values[f"{COLUMNS[3]}.2"] = 99
    assert read(device, shapes, 120.0) == device.values
    assert device.walked == [COLUMNS[0]]


@pytest.mark.parametrize("rows", [(1,), (1, 3), (2, 5), ()])
def test_other_rows_are_seen_at_once(rows: tuple[int, ...]) -> None:
    """One gone, one in place of another, none left."""
    device, shapes = Device(table(1, 2)), dict[str, Shape]()
    read(device, shapes)
    device.values = table(*rows)
    assert read(device, shapes) == device.values


def test_a_calm_table_is_asked_for_by_name_alone() -> None:
    """A row more is seen within five minutes; one that is gone, or another, at once."""
    device, shapes = Device({"1.1.0": 5, **table(1, 2)}), dict[str, Shape]()
    read(device, shapes)
    device.walked.clear()
    device.values |= table(3)
    assert f"{COLUMNS[0]}.3" not in read(device, shapes, 60.0)
    assert device.walked == []
    assert read(device, shapes, LOOK_SECONDS) == device.values

    at = LOOK_SECONDS + RESTLESS_SECONDS
    read(device, shapes, at)
    for seconds, rows in ((60, (1, 3)), (120, (1, 2)), (180, (2,)), (240, (2, 5))):
        device.values = table(*rows)
        assert read(device, shapes, at + seconds) == device.values


def test_a_cell_that_appears_in_an_old_row_is_seen_within_the_hour() -> None:
    """All is walked again then."""
    device, shapes = Device(table(1, 2, columns=COLUMNS[:3])), dict[str, Shape]()
    read(device, shapes)
    device.values[f"{COLUMNS[3]}.1"] = 7
    assert f"{COLUMNS[3]}.1" not in read(device, shapes, 60.0)
    assert read(device, shapes, STANDS_SECONDS) == device.values


def test_the_column_that_shows_the_rows_is_one_that_has_them() -> None:
    """The first column of some devices is empty."""
    device, shapes = Device(table(1, columns=COLUMNS[1:])), dict[str, Shape]()
    read(device, shapes)
    device.values = table(2, columns=COLUMNS[1:])
    assert read(device, shapes) == device.values


def test_what_was_read_before_a_device_stopped_is_whole() -> None:
    """And nothing else is."""
    other = Asked(("1.5.0",))
    reading = Reading(Device(table(1), most_questions=3), {}, 0.0)
    with pytest.raises(Failed):
        reading.read([other, ASKED])
    assert reading.is_whole(other)
    assert not reading.is_whole(ASKED)

    device, shapes = Device(table(1)), dict[str, Shape]()
    read(device, shapes)
    device.most = 1
    late = Reading(device, shapes, 60.0)
    with pytest.raises(Failed):
        late.read([ASKED])
    assert not late.is_whole(ASKED)


rows_of = st.lists(st.integers(1, 5), max_size=4, unique=True)


@given(st.lists(rows_of, min_size=1, max_size=5))
def test_whatever_rows_come_and_go_nothing_is_made_up(polls: list[list[int]]) -> None:
    """Every poll gives what is there; at the most rows are missing that came a moment ago."""
    device, shapes = Device({}), dict[str, Shape]()
    for number, rows in enumerate(polls):
        device.values = table(*rows)
        found = read(device, shapes, 60.0 * number)
        assert found.items() <= device.values.items()
    assert read(device, shapes, 60.0 * len(polls) + LOOK_SECONDS) == device.values
