"""Bonded interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import NoData
from agents.checks.bonding import CHECK, Bond, evaluate, read
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from pathlib import Path


def test_bonding_counts_cables_and_those_that_work() -> None:
    """A cable without a link is a slave that is not active."""
    found = read(fake_host())

    assert found == {"bond0": Bond(2, 1)}
    assert [(o.name, o.labels, o.value) for o in evaluate(found, None)][:2] == [
        ("node_bonding_slaves", {"master": "bond0"}, 2),
        ("node_bonding_active", {"master": "bond0"}, 1),
    ]


def test_bonding_keeps_its_series_few() -> None:
    """Ten bonds at most, and the rest is counted."""
    found = list(evaluate({f"bond{n}": Bond(2, 2) for n in range(30)}, None))

    assert found[-1].value == 20
    assert len(found) <= CHECK.most_series


def test_bonding_has_no_data_where_there_is_none(tmp_path: Path) -> None:
    """No module, a module without bonds, another system."""
    for host in (fake_host(root=tmp_path), fake_host(is_linux=False)):
        with pytest.raises(NoData):
            read(host)
    (tmp_path / "sys/class/net").mkdir(parents=True)
    (tmp_path / "sys/class/net/bonding_masters").write_text("\n")
    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))
