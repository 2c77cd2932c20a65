"""Budgets of paths: no line and no centre is ever full, whoever sends at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.probe import typed
from agents.probes import path_mtu, stamp
from collector.targets.mesh import LEAST_BITS, Mesh, Site, asks, budgets, line_budget

RATES = st.none() | st.floats(1e3, 1e9)


def mesh(*sites: Site, most: float = 2e6) -> Mesh:
    return Mesh("10.0.0.1", 862, most, 34, "G.711", sites)


def site(name: str, line: str = "", rate: float | None = None) -> Site:
    return Site(name, "H1", "H1/m1", line, rate)


def test_a_line_gives_a_small_share_of_what_was_sold() -> None:
    """2 % of it, at most 64 kbit/s; where nobody said the rate, 64 kbit/s."""
    assert line_budget(1e6) == 20_000
    assert line_budget(10e6) == line_budget(None) == 64_000


def test_paths_of_one_line_share_its_budget() -> None:
    """And others do not feel it."""
    found = budgets(mesh(site("a", "l", 1e6), site("b", "l", 1e6), site("c")), ())
    assert found == {"a": 10_000, "b": 10_000, "c": 64_000}


def test_live_paths_come_first() -> None:
    """Up to their lines' budgets; the others share what is left of the centre's ceiling."""
    sites = [site(name) for name in "abcd"]
    assert budgets(mesh(*sites, most=100_000), {"a"}) == {
        "a": 64_000, "b": 12_000, "c": 12_000, "d": 12_000,
    }  # fmt: skip
    assert budgets(mesh(*sites, most=100_000), {"a", "b"}) == {
        "a": 50_000, "b": 50_000, "c": 0, "d": 0,
    }  # fmt: skip


@given(
    rates=st.lists(st.tuples(RATES, st.sampled_from(["", "l1", "l2"])), max_size=20),
    most=st.floats(8_000, 1e7),
    live=st.sets(st.integers(0, 19)),
)
def test_nothing_is_ever_above_its_budget(
    rates: list[tuple[float | None, str]], most: float, live: set[int]
) -> None:
    """The centre's ceiling, each line's share, and what the probes accept."""
    lines = {line: rate for rate, line in rates}
    sites = [site(f"p{n}", line, lines[line]) for n, (_, line) in enumerate(rates)]
    made = mesh(*sites, most=most)
    names = {f"p{number}" for number in live}
    found = budgets(made, names)
    assert sum(found.values()) <= most * (1 + 1e-9)
    for line, rate in lines.items():
        of_line = sum(bits for one in sites if one.line == line for bits in [found[one.name]])
        if line:
            assert of_line <= line_budget(rate) * (1 + 1e-9)
    assert all(bits == 0 or bits >= LEAST_BITS for bits in found.values())
    for name, of_path in asks(made, names).items():
        total = 0.0
        for ask in of_path:
            kind = stamp.StampParams if ask.probe == "stamp" else path_mtu.PathMtuParams
            params = typed(kind, ask.params)  # type: ignore[type-var]
            total += params.most_bits_per_second
            assert ask.params.get("continuous", False) is (ask.probe == "stamp" and name in names)
        assert total <= found[name] + 0.2
