"""`/api/v1/certificates`: what ends when, of people, offices and servers."""

from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.deps import Looking, Search, Use
from collector.certificates.book import CertificateLine
from incidents.vietnamese import search_of

router = APIRouter(prefix="/api/v1/certificates", tags=["certificates"])
Unit = Annotated[str | None, Query(max_length=200)]
Days = Annotated[int | None, Query(ge=0, le=3660)]


@router.get("")
async def certificates(
    services: Use, viewer: Looking, q: Search = "", unit: Unit = None, days: Days = None
) -> list[CertificateLine]:
    """List them, what ends first on top; `days`: only those in force with at most so many left."""
    found = services.certificates.lines(services.targets, viewer, services.now(), search_of(q))
    return [
        one
        for one in found
        if unit in (None, one.unit)
        and (days is None or (one.days_left <= days and not one.is_replaced))
    ]
