"""Connections: bounded in all, by address and by what they have shown; the honest stay."""

from __future__ import annotations

from collector.connections import STRANGERS_SHARE, Connections


class Line:
    """One connection; giving up closes it, as the server does."""

    def __init__(self, connections: Connections, address: str) -> None:
        self.connections, self.is_open = connections, False
        self.is_open = connections.open(self, address)

    def give_up(self) -> None:
        self.is_open = False
        self.connections.close(self)


def known(connections: Connections, address: str) -> Line:
    line = Line(connections, address)
    connections.trust(line)
    return line


def test_total_is_bounded_and_counted() -> None:
    """The one too many is refused; a closed one leaves room."""
    connections = Connections(8, 8)
    lines = [known(connections, f"10.0.0.{n}") for n in range(9)]
    assert [line.is_open for line in lines] == [True] * 8 + [False]
    assert connections.refused == {"total": 1}
    connections.close(lines[0])
    connections.close(lines[0])
    assert Line(connections, "10.0.0.9").is_open
    assert len(connections) == 8


def test_one_address_has_not_all_of_it() -> None:
    """A site behind one address has its share; a proxy on this machine has no such bound."""
    connections = Connections(100, 3)
    site = [known(connections, "10.0.0.1") for _ in range(5)]
    assert sum(line.is_open for line in site) == 3
    assert connections.refused == {"address": 2}
    assert all(known(connections, "127.0.0.1").is_open for _ in range(20))
    assert Line(connections, "10.0.0.2").is_open


def test_strangers_that_hoard_push_out_only_each_other() -> None:
    """Ten thousand connections that say nothing: whoever has shown a key keeps theirs."""
    connections = Connections(1_000, 10_000)
    honest = [known(connections, f"10.0.1.{n}") for n in range(200)]
    hoard = [Line(connections, f"10.0.2.{n % 200}") for n in range(10_000)]
    assert all(line.is_open for line in honest)
    assert sum(line.is_open for line in hoard) == connections.strangers == 250
    assert hoard[-1].is_open
    assert connections.pushed_out == 10_000 - 250
    late = known(connections, "10.0.3.1")
    assert late.is_open
    assert len(connections) <= 1_000


def test_memory_follows_what_is_open() -> None:
    """A million connections that came and went leave nothing."""
    connections = Connections(int(4 / STRANGERS_SHARE), 4)
    for number in range(10_000):
        Line(connections, f"10.{number >> 8}.{number & 255}.1").give_up()
    assert (len(connections), connections.strangers) == (0, 0)
    assert not connections._by_address
