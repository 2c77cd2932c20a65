"""What people would say of speech over a path: the E-model's R and MOS, for codecs with values.

Loss and delay of a path are turned into a rating for codecs whose impairment is published. For any
other (AAC-LD, G.722.1, Siren, EVS, Opus) there is none to be had, and none is given. The scale
stands beside each value: 4.4 is the best of narrowband, and not of wideband.

Sources: ITU-T G.107 with its default parameters, G.113 appendix I (Ie, Bpl), G.107.1 (wideband).
"""

from __future__ import annotations

from math import exp, log2, log10, sqrt
from typing import NamedTuple

NARROWBAND, WIDEBAND = "G.107 narrowband", "G.107.1 wideband"
RO_WIDEBAND, WIDER = 129.0, 1.29
# Up to here delay alone takes nothing off.
FREE_DELAY_MS = 100.0
# G.107 table 1: SLR, RLR, Ds, STMR, LSTR, WEPL, Nc, Nfor, Ps, Pr in dB and dBm; qdu is 1.
SLR, RLR, DS, STMR, LSTR, WEPL = 8.0, 2.0, 3.0, 15.0, 18.0, 110.0
NC, NFOR, PS, PR = -70.0, -64.0, 35.0, 35.0
TELR = 65.0


class Codec(NamedTuple):
    """Impairment Ie at no loss, and robustness Bpl; None: there is no value at any loss."""

    scale: str
    ie: float
    bpl: float | None


CODECS = {
    "G.711": Codec(NARROWBAND, 0, 4.3),
    "G.711 PLC": Codec(NARROWBAND, 0, 25.1),
    "G.729": Codec(NARROWBAND, 10, None),
    "G.729A VAD": Codec(NARROWBAND, 11, 19.0),
    "G.723.1 6.3k": Codec(NARROWBAND, 15, 16.1),
    "GSM-EFR": Codec(NARROWBAND, 5, 10.0),
    "AMR-WB 6.6k": Codec(WIDEBAND, 41, None),
    "AMR-WB 8.85k": Codec(WIDEBAND, 26, None),
    "AMR-WB 12.65k": Codec(WIDEBAND, 13, None),
    "AMR-WB 15.85k": Codec(WIDEBAND, 7, None),
    "AMR-WB 19.85k": Codec(WIDEBAND, 3, None),
    "AMR-WB 23.05k": Codec(WIDEBAND, 1, None),
    "AMR-WB 23.85k": Codec(WIDEBAND, 8, None),
}


class Rating(NamedTuple):
    """R and MOS on the scale that is named."""

    r: float
    mos: float
    scale: str


class NotAvailable(NamedTuple):
    """There is no published value for this; `why` says which is missing."""

    why: str


def rate(
    codec: str, loss_ratio: float, one_way_seconds: float, *, burst_ratio: float = 1.0
) -> Rating | NotAvailable:
    """Return how speech in `codec` is rated after this loss and mouth-to-ear delay, echo-free.

    Args:
        burst_ratio: BurstR: 1 where losses are independent of each other, more where they cluster.
    """
    known = CODECS.get(codec)
    if known is None:
        return NotAvailable(f"no impairment factor is published for {codec}")
    if loss_ratio > 0 and known.bpl is None:
        return NotAvailable(f"no robustness to loss is published for {codec}")
    delay_ms = one_way_seconds * 1000
    if known.scale == WIDEBAND:
        if delay_ms > FREE_DELAY_MS:
            return NotAvailable(f"{WIDEBAND}: only up to {FREE_DELAY_MS:g} ms of delay")
        r = RO_WIDEBAND - known.ie
        return Rating(r, mos(r / WIDER), WIDEBAND)
    impaired = effective_impairment(known.ie, known.bpl or 1.0, loss_ratio, burst_ratio)
    r = base() - delay_impairment(delay_ms) - impaired
    return Rating(r, mos(r), NARROWBAND)


def mos(r: float) -> float:
    """Return the mean opinion of 1 to 4.5; the cubic dips below 1 where R is small (annex B)."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def effective_impairment(ie: float, bpl: float, loss_ratio: float, burst_ratio: float) -> float:
    """Return Ie,eff: the codec's impairment at this loss."""
    percent = 100 * loss_ratio
    return ie + (95 - ie) * percent / (percent / burst_ratio + bpl)


def delay_impairment(delay_ms: float) -> float:
    """Return Idd: what too long an absolute delay takes off, without any echo."""
    if delay_ms <= FREE_DELAY_MS:
        return 0.0
    x: float = log2(delay_ms / FREE_DELAY_MS)
    return 25 * float((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)


def base(delay_ms: float = 0.0, telr_db: float = TELR) -> float:
    """Return Ro - Is - Idte - Idle: the rating before codec, loss and absolute delay.

    Args:
        delay_ms: Of the echo's path, one way (T, and half of Tr); 0 where the echo is not known.
        telr_db: Loudness of the talker's echo.
    """
    noise = _noise()
    ro = 15 - 1.5 * (SLR + noise)
    return ro - simultaneous(ro, noise, delay_ms, telr_db) - echo(ro, noise, delay_ms, telr_db)


def echo(ro: float, noise: float, delay_ms: float, telr_db: float) -> float:
    """Return Idte + Idle: impairment by the talker's and by the listener's echo."""
    terv = telr_db - 40 * log10((1 + delay_ms / 10) / (1 + delay_ms / 150))
    terv += 6 * exp(-0.3 * delay_ms**2)
    half = (-1.5 * (noise - RLR) - (80 + 2.5 * (terv - 14))) / 2
    talker = (half + sqrt(half**2 + 100) - 1) * (1 - exp(-delay_ms))
    half = (ro - 10.5 * (WEPL + 7) * (2 * delay_ms + 1) ** -0.25) / 2
    return float(talker + half + sqrt(half**2 + 169))


def simultaneous(ro: float, noise: float, delay_ms: float, telr_db: float) -> float:
    """Return Is: impairments that come with the voice: loudness, side tone, quantising."""
    x = (SLR + RLR + 0.2 * (64 + noise - RLR)) / 8
    loud = 20 * ((1 + x**8) ** (1 / 8) - x)
    side = -10 * log10(10 ** (-STMR / 10) + exp(-delay_ms / 4) * 10 ** (-telr_db / 10))
    tone = 12 * (1 + ((side - 13) / 6) ** 8) ** (1 / 8) + 29
    tone -= 28 * (1 + ((side + 1) / 19.4) ** 35) ** (1 / 35)
    tone -= 13 * (1 + ((side - 3) / 33) ** 13) ** (1 / 13)
    q = 37.0  # 37 - 15 log10(qdu)
    g = 1.07 + 0.258 * q + 0.0602 * q**2
    y = (ro - 100) / 15 + 46 / 8.4 - g / 9
    return float(loud + tone + 15 * log10(1 + 10**y + 10 ** (46 / 30 - g / 40)))


def _noise() -> float:
    """Return No: the sum of circuit, room and floor noise at the 0 dBr point, in dBm0p."""
    sending = PS - SLR - DS - 100 + 0.004 * (PS - (SLR + RLR) - DS - 14) ** 2
    heard = PR + 10 * log10(1 + 10 ** ((10 - LSTR) / 10))
    receiving = RLR - 121 + heard + 0.008 * (heard - 35) ** 2
    return 10 * log10(sum(10 ** (one / 10) for one in (NC, sending, receiving, NFOR + RLR)))
