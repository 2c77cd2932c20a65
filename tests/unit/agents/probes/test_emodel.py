"""The E-model against published anchors and its own tables; RTP's jitter against its vector."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.probes import emodel
from agents.probes.emodel import CODECS, NARROWBAND, WIDEBAND, NotAvailable, Rating, rate
from agents.probes.jitter import interarrival

LOSSES = (0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
# R and MOS at each of these, random loss, no delay.
AT_LOSS = {
    "G.711": "93.2/4.41 83.3/4.14 75.3/3.83 63.0/3.26 54.2/2.79 42.1/2.17 26.8/1.48",
    "G.711 PLC": "93.2/4.41 91.4/4.37 89.6/4.33 86.2/4.24 83.1/4.13 77.4/3.92 66.1/3.41",
    "G.729A VAD": "82.2/4.10 80.1/4.03 78.0/3.95 74.2/3.79 70.8/3.63 64.7/3.34 53.2/2.75",
    "G.723.1 6.3k": "78.2/3.95 75.8/3.86 73.5/3.76 69.4/3.57 65.6/3.39 59.2/3.06 47.6/2.45",
    "GSM-EFR": "88.2/4.29 83.9/4.16 80.0/4.02 73.2/3.74 67.4/3.47 58.2/3.01 43.2/2.22",
}
# Delay one way in ms: R and MOS without echo, and with an echo of 65 dB.
AT_DELAY = {
    0: (93.2, 4.41, 93.2, 4.41),
    100: (93.2, 4.41, 90.7, 4.35),
    150: (93.0, 4.41, 89.5, 4.33),
    200: (90.2, 4.34, 85.8, 4.22),
    300: (78.4, 3.96, 72.7, 3.72),
    400: (69.1, 3.56, 62.2, 3.22),
}
DELAYS = st.floats(0, 2)
RATIOS = st.floats(0, 1)


def rated(found: Rating | NotAvailable) -> Rating:
    assert isinstance(found, Rating)
    return found


def test_the_default_path_has_the_published_rating() -> None:
    """R 93.2062 and MOS 4.4094, from Ro 94.7688, Is 1.4136 and Id 0.149."""
    found = rated(rate("G.711", 0, 0))
    noise = emodel._noise()
    ro = 15 - 1.5 * (emodel.SLR + noise)

    assert found.r == pytest.approx(93.2062, abs=5e-5)
    assert found.mos == pytest.approx(4.4094, abs=5e-5)
    assert ro == pytest.approx(94.7688, abs=5e-5)
    assert emodel.simultaneous(ro, noise, 0, 65) == pytest.approx(1.4136, abs=5e-5)
    assert emodel.echo(ro, noise, 0, 65) == pytest.approx(0.149, abs=5e-4)


@pytest.mark.parametrize("codec", AT_LOSS)
def test_loss_is_rated_as_in_the_table(codec: str) -> None:
    """Each codec at each loss: R to its printed decimal, MOS to 0.01."""
    for loss, cell in zip(LOSSES, AT_LOSS[codec].split(), strict=True):
        r, mos = map(float, cell.split("/"))
        found = rated(rate(codec, loss, 0))
        assert (round(found.r, 1), found.scale) == (r, NARROWBAND)
        assert found.mos == pytest.approx(mos, abs=0.005)


@pytest.mark.parametrize("delay_ms", AT_DELAY)
def test_delay_is_rated_as_in_the_table(delay_ms: int) -> None:
    """Pure delay, and the same with an echo nobody cancels."""
    r, mos, r_echo, mos_echo = AT_DELAY[delay_ms]
    found = rated(rate("G.711", 0, delay_ms / 1000))
    assert (round(found.r, 1), round(found.mos, 2)) == (r, mos)

    with_echo = emodel.base(delay_ms) - emodel.delay_impairment(delay_ms)
    assert round(with_echo, 1) == r_echo
    assert emodel.mos(with_echo) == pytest.approx(mos_echo, abs=0.005)


@pytest.mark.parametrize(
    ("r", "mos"), [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)]
)
def test_opinion_has_the_published_anchors(r: float, mos: float) -> None:
    """Annex B, to its two decimals."""
    assert emodel.mos(r) == pytest.approx(mos, abs=0.01)


@pytest.mark.parametrize(
    ("ie", "mos"),
    [(0, 4.50), (1, 4.494), (8, 4.421), (13, 4.337), (20, 4.182), (26, 4.018), (41, 3.512)],
)
def test_wideband_has_its_own_scale(ie: float, mos: float) -> None:
    """Its R goes to 129 and its MOS is that of R / 1.29."""
    assert emodel.mos((emodel.RO_WIDEBAND - ie) / emodel.WIDER) == pytest.approx(mos, abs=0.001)
    for found in (rate(name, 0, 0.05) for name, one in CODECS.items() if one.ie == ie):
        if rated(found).scale == WIDEBAND:
            assert rated(found).mos == pytest.approx(mos, abs=0.001)


@pytest.mark.parametrize(
    ("codec", "loss", "delay", "why"),
    [
        ("AAC-LD", 0, 0, "no impairment factor is published for AAC-LD"),
        ("G.722", 0, 0, "no impairment factor is published for G.722"),
        ("Opus", 0.01, 0, "no impairment factor is published for Opus"),
        ("G.729", 0.01, 0, "no robustness to loss is published for G.729"),
        ("AMR-WB 12.65k", 0.01, 0, "no robustness to loss is published for AMR-WB 12.65k"),
        ("AMR-WB 12.65k", 0, 0.2, "G.107.1 wideband: only up to 100 ms of delay"),
    ],
)
def test_what_is_not_published_is_not_available(
    codec: str, loss: float, delay: float, why: str
) -> None:
    """No value is made up, and the reason is given."""
    assert rate(codec, loss, delay) == NotAvailable(why)


@given(st.sampled_from(list(AT_LOSS)), RATIOS, RATIOS, DELAYS, st.floats(1, 10))
def test_more_loss_is_never_better(
    codec: str, one: float, other: float, delay: float, burst: float
) -> None:
    """A MOS is from 1 to 4.5, and falls with loss, with delay and with clustering of losses."""
    less, more = sorted((one, other))
    better = rated(rate(codec, less, delay, burst_ratio=burst))
    worse = rated(rate(codec, more, delay, burst_ratio=burst))
    assert 1 <= worse.mos <= 4.5
    assert worse.r <= better.r
    assert rated(rate(codec, less, delay + 0.1, burst_ratio=burst)).r <= better.r + 1e-9
    assert better.r <= rated(rate(codec, less, delay)).r + 1e-9


@given(st.floats(-1000, 1000), st.floats(0, 100))
def test_opinion_grows_with_the_rating(r: float, by: float) -> None:
    """From 1 to 4.5, never falling."""
    assert 1 <= emodel.mos(r) <= emodel.mos(r + by) + 1e-9 <= 4.5 + 1e-9


def test_jitter_reproduces_the_vector() -> None:
    """Packets of 160 ticks at 8 kHz arriving after 0, 20, 45, 60 and 85 ms."""
    arrivals = [ms * 8 for ms in (0, 20, 45, 60, 85)]
    transits = [arrival - 160 * n for n, arrival in enumerate(arrivals)]

    assert interarrival(transits) == [0, 0, 2.5, 4.84375, 7.041015625]
    assert round(interarrival(transits)[-1] / 8, 3) == 0.880


@given(st.lists(st.floats(-1e6, 1e6)), st.floats(-1e6, 1e6))
def test_jitter_does_not_depend_on_the_clocks(transits: list[float], offset: float) -> None:
    """A constant difference between the clocks changes nothing; never beyond the range."""
    found = interarrival(transits)
    shifted = interarrival([transit + offset for transit in transits])
    assert shifted == pytest.approx(found, abs=1e-6)
    spread = max(transits, default=0) - min(transits, default=0)
    assert all(0 <= one <= spread + 1e-9 for one in found)
