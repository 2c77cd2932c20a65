"""The simulated province: the same from the same seed, and readable by the collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.inventory import read_units
from collector.simulation.enrolment import write_province
from collector.simulation.identities import identity_of
from collector.simulation.province import PREFIX, make_province
from collector.starter import StartError

if TYPE_CHECKING:
    from pathlib import Path


def test_province_is_the_same_from_the_same_seed() -> None:
    """A drill can be repeated: units, hosts and keys follow from the seed."""
    first, again = (make_province(7, units=150, hosts=1000) for _ in range(2))

    assert first == again
    assert identity_of(first.hosts[17]).agent == identity_of(again.hosts[17]).agent


def test_province_is_another_from_another_seed() -> None:
    """Two seeds never share a key."""
    agents = [
        {identity_of(h).agent for h in make_province(seed, units=10, hosts=50).hosts}
        for seed in (1, 2)
    ]

    assert not agents[0] & agents[1]


def test_province_has_the_size_that_was_asked_for() -> None:
    """No name and no code comes twice, and every kind of host is there."""
    province = make_province(1, units=150, hosts=5000)

    assert len({u.code for u in province.units}) == len({u.name for u in province.units}) == 150
    assert len({h.name for h in province.hosts}) == 5000
    assert {h.kind for h in province.hosts} == {
        "server", "workstation", "network", "conference", "shared",
    }  # fmt: skip
    assert {u.kind for u in province.units} == {"tinh", "co_quan", "xa", "phuong", "dac_khu"}
    assert all(u.code.startswith(PREFIX) for u in province.units)


@pytest.mark.parametrize("units", [1, 2, 5, 600])
def test_province_is_made_at_either_end_of_its_size(units: int) -> None:
    """The least and the most units are units with parents that exist."""
    province = make_province(1, units=units, hosts=10)

    codes = {u.code for u in province.units}
    assert len(codes) == units
    assert {u.parent for u in province.units} <= codes | {""}


def test_province_is_refused_beyond_its_size() -> None:
    """The text says what is allowed."""
    with pytest.raises(ValueError, match="601 units: from 1 to 600"):
        make_province(1, units=601, hosts=1)


def test_units_file_is_read_by_the_collector(tmp_path: Path) -> None:
    """What is written is a units.csv without a mistake, hours and old names included."""
    write_province(tmp_path, make_province(1, units=150, hosts=10))

    units = read_units((tmp_path / "units.csv").read_bytes())

    assert len(units) == 150
    assert any(len(u.old_names) >= 2 for u in units)


def test_units_file_of_real_units_is_left_alone(tmp_path: Path) -> None:
    """A simulation never replaces real units; forced, it stands beside them."""
    file = tmp_path / "units.csv"
    header = "code,name,kind,parent,region,hours,valid_from,old_names\n"
    file.write_text(header + "H29.1,Văn phòng Tỉnh ủy,,,,,,\n", encoding="utf-8")
    province = make_province(1, units=3, hosts=3)

    with pytest.raises(StartError, match="not simulated"):
        write_province(tmp_path, province)
    write_province(tmp_path, province, force=True)

    assert next(u.code for u in read_units(file.read_bytes())) == "H29.1"
    assert len(read_units(file.read_bytes())) == 4
