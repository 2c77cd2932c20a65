"""What routes ask for: the services, who calls, and the page of a listing."""

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field

from collector.access import Identity
from collector.services import Services
from collector.storage.access_store import Origin
from collector.storage.queries.paging import DEFAULT_LIMIT, MAX_LIMIT
from collector.storage.queries.visibility import Viewer


def services_of(request: Request) -> Services:
    """Return the services that the application was built with."""
    services: Services = request.app.state.services
    return services


def caller_of(request: Request) -> Identity:
    """Return who calls; the gate lets nobody unknown come this far."""
    identity: Identity = request.state.identity
    return identity


def origin_of(request: Request) -> Origin:
    """Return where a request comes from."""
    address = request.client.host if request.client else ""
    return Origin(address, request.headers.get("user-agent", ""))


def viewer_of(request: Request) -> Viewer:
    """Return by what lists of readers may name the caller."""
    return services_of(request).desk.viewer(caller_of(request).actor)


Use = Annotated[Services, Depends(services_of)]
Caller = Annotated[Identity, Depends(caller_of)]
Looking = Annotated[Viewer, Depends(viewer_of)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
# The number of a row, as far as every JSON reader and every database has whole numbers.
RowNumber = Annotated[int, Field(ge=0, le=1 << 53)]
Search = Annotated[str, Query(max_length=200)]
PAGE = DEFAULT_LIMIT
