"""What an agent probes with beside its checks, and how wrong its own clock is."""

from __future__ import annotations

from agents.probe_checks import clock_error_seconds, evaluate, probe_checks
from agents.probes.reach import Asked
from agents.settings import load


def test_only_what_the_settings_say_runs_beside_the_checks() -> None:
    """A reflector alone asks nobody."""
    for more, names in (
        ({"probe_networks": ["10.0.0.0/8"]}, {"reach"}),
        ({"stamp_listen": "127.0.0.1:862"}, {"reach", "stamp_reflector"}),
    ):
        settings = load(None, {}, {"data": "/d", **more})
        asked = Asked(settings.probe_networks)
        assert set(probe_checks(settings, asked, lambda: 0.0, lambda: 0.0)) == names


def test_the_clocks_error_is_a_number_or_not_known() -> None:
    """Whatever this machine has."""
    found = clock_error_seconds()
    assert found is None or found >= 0
    assert list(evaluate([], None)) == []
