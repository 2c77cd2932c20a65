"""`/api/v1/units`: the organisations."""

from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.deps import PAGE, Limit, Looking, Search, Use
from collector.api.errors import NotFoundError
from collector.storage.queries.paging import Page
from collector.storage.queries.units import UnitRow, find_unit, list_units
from incidents.vietnamese import search_of

router = APIRouter(prefix="/api/v1/units", tags=["units"])


@router.get("")
async def units(
    services: Use,
    viewer: Looking,
    q: Search = "",
    region: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = PAGE,
    after: str | None = None,
) -> Page[UnitRow]:
    """List units in Vietnamese order; `q` finds names with or without marks."""
    return await services.db.read(
        lambda c: list_units(
            c, viewer, search=search_of(q), region=region, limit=limit, after=after
        )
    )


@router.get("/{code}")
async def unit(services: Use, viewer: Looking, code: str) -> UnitRow:
    """Return one unit."""
    found = await services.db.read(lambda c: find_unit(c, code, viewer))
    if found is None:
        raise NotFoundError("unit", code)
    return found
