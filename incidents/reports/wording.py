"""Instants and lengths as reports write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_UNITS = ((86_400, "ngày"), (3_600, "giờ"), (60, "phút"), (1, "giây"))


def moment(at: datetime) -> str:
    """Return an instant as reports write it: `07 giờ 30 phút, ngày 24/11/2026`."""
    return at.astimezone(ZONE).strftime("%H giờ %M phút, ngày %d/%m/%Y")


def length(span: timedelta) -> str:
    """Return a length in its two largest units: `2 giờ 5 phút`; a negative one is no time."""
    rest = max(0, int(span.total_seconds()))
    parts: list[str] = []
    for size, name in _UNITS:
        count, rest = divmod(rest, size)
        if count and len(parts) < 2:
            parts.append(f"{count} {name}")
        elif parts:
            break
    return " ".join(parts) or "0 giây"
