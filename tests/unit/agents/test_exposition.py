"""Where `/metrics` of an agent is, as it tells the collector."""

from __future__ import annotations

import pytest

from agents.exposition import INFO, own_address, told


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("10.0.0.5:9100", "10.0.0.5:9100"),
        ("127.0.0.1:9100", "127.0.0.1:9100"),
        ("[fd00::5]:9100", "[fd00::5]:9100"),
    ],
)
def test_agent_says_where_it_listens(listen: str, address: str) -> None:
    """The address of the setting, whoever can reach it."""
    [found] = told(listen)()
    assert (found.name, found.labels, found.value) == (INFO, {"address": address}, 1)


def test_agent_that_listens_everywhere_says_an_address_that_others_know() -> None:
    """The one that it uses towards others, or its name where it has no way to any."""
    [found] = told("0.0.0.0:9100")()
    host, _, port = found.labels["address"].rpartition(":")
    assert port == "9100"
    assert host not in ("0.0.0.0", "")
    assert own_address() in (host, "")


def test_agent_without_metrics_says_nothing() -> None:
    """Off is the default."""
    assert told("")() == ()
