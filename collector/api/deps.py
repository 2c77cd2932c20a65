"""What routes ask for: the services, who calls, and the page of a listing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field

from collector.access import Identity
from collector.services import Services
from collector.storage.access_store import Origin
from collector.storage.queries.paging import DEFAULT_LIMIT, MAX_LIMIT
from collector.storage.queries.visibility import NOBODY, Viewer
from incidents.conditions import NotAllowed


def services_of(request: Request) -> Services:
    """Return the services that the application was built with."""
    services: Services = request.app.state.services
    return services


def caller_of(request: Request) -> Identity:
    """Return who calls; the gate lets nobody unknown come this far."""
    identity: Identity = request.state.identity
    return identity


Use = Annotated[Services, Depends(services_of)]
Caller = Annotated[Identity, Depends(caller_of)]


def origin_of(request: Request) -> Origin:
    """Return where a request comes from."""
    address = request.client.host if request.client else ""
    return Origin(address, request.headers.get("user-agent", ""))


def viewer_of(request: Request) -> Viewer:
    """Return what the caller sees."""
    return viewer_for(services_of(request), caller_of(request))


def viewer_for(services: Services, caller: Identity) -> Viewer:
    """Return what somebody sees: their units, and what names them or their roles as readers.

    A stranger to people.yaml sees no unit. The command line's token does, in whosever name: who
    holds it has the database.
    """
    if caller.kind == "source":
        return source_viewer(services, caller)
    seen = services.desk.viewer(caller.actor, services.now())
    return replace(seen, units=None) if _set_it_up(services, caller) else seen


def source_viewer(services: Services, caller: Identity) -> Viewer:
    """Return what a source that reads metrics sees: its unit, or all where it has none."""
    units = {one.name: one.unit for one in services.sources.all}
    if caller.user not in units:
        return Viewer(units=frozenset())
    unit = units[caller.user]
    return NOBODY if unit is None else Viewer(units=frozenset({unit}))


def may(act: str) -> Callable[[Services, Identity], None]:
    """Return what refuses a route to who holds none of the roles of an act."""

    def check(services: Use, caller: Caller) -> None:
        services.desk.check_act(act, caller.actor, services.now())

    return check


def administers(act: str) -> Callable[[Services, Identity], None]:
    """Return what refuses a route of the service itself to who holds none of the roles of an act.

    The command line's token may in the name of a stranger to people.yaml as well: whoever set the
    service up would otherwise be shut out by the first version of that file.
    """

    def check(services: Use, caller: Caller) -> None:
        if not _set_it_up(services, caller):
            services.desk.check_act(act, caller.actor, services.now())

    return check


def check_units(services: Services, caller: Identity, act: str, *units: str) -> None:
    """Refuse an act in units that the caller's role for it does not cover; no units: everywhere.

    Who sees a unit by one role may still have another role for other units alone.

    Raises:
        NotAllowed: Naming the roles.
    """
    if not _set_it_up(services, caller):
        services.desk.check_act(act, caller.actor, services.now(), units)


def _set_it_up(services: Services, caller: Identity) -> bool:
    return caller.kind == "bearer" and services.desk.standing(caller.user) == "unknown"


def oversees(act: str) -> Callable[[Services, Identity], None]:
    """Return what `administers` returns for who holds the role in the whole province alone."""

    def check(services: Use, caller: Caller) -> None:
        whole_province(services, caller)
        check_units(services, caller, act)

    return check


def whole_province(services: Use, caller: Caller) -> None:
    """Refuse a route to who sees some units alone.

    Raises:
        NotAllowed: Saying so.
    """
    if viewer_for(services, caller).units is not None:
        raise NotAllowed(
            "Việc này dành cho người phụ trách toàn tỉnh, không theo đơn vị hay khu vực.",
            "This is for those who answer for the whole province, not for some units.",
            ["province"],
        )


Looking = Annotated[Viewer, Depends(viewer_of)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
# The number of a row, as far as every JSON reader and every database has whole numbers.
RowNumber = Annotated[int, Field(ge=0, le=1 << 53)]
Search = Annotated[str, Query(max_length=200)]
PAGE = DEFAULT_LIMIT
