"""The firewall's table of connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import NoData, SourceError
from agents.checks.conntrack import evaluate, read
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from pathlib import Path


def test_conntrack_reports_entries_and_limit() -> None:
    """The names are node_exporter's."""
    assert {o.name: o.value for o in evaluate(read(fake_host()), None)} == {
        "node_nf_conntrack_entries": 412,
        "node_nf_conntrack_entries_limit": 65536,
    }


def test_conntrack_has_no_data_where_nothing_is_tracked(tmp_path: Path) -> None:
    """A host without a firewall of that kind, or another system."""
    for host in (fake_host(root=tmp_path), fake_host(is_linux=False)):
        with pytest.raises(NoData):
            read(host)


def test_conntrack_says_so_when_a_file_is_not_the_kernels(tmp_path: Path) -> None:
    """Nonsense is an error, not an empty table."""
    directory = tmp_path / "proc/sys/net/netfilter"
    directory.mkdir(parents=True)
    (directory / "nf_conntrack_count").write_text("many\n")
    (directory / "nf_conntrack_max").write_text("1\n")
    with pytest.raises(SourceError, match="many"):
        read(fake_host(root=tmp_path))
