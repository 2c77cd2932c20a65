"""Whatever is read for a person asks who looks: no query can forget it."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from collector.storage import queries
from collector.storage.queries.visibility import in_scope, incident_in_scope, visible_to
from incidents.actor import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
# Why these need no viewer.
EXEMPT = {
    "incidents.code_of": "the code of an incident that the caller has just opened or found",
    "incidents.timeline": "by the number of an incident that was found for the viewer",
    "incidents.newest_entries": "by the number of an incident that was found for the viewer",
    "incidents.list_decisions": "by the number of an incident that was found for the viewer",
    "incidents.list_deliveries": "by the number of an incident that was found for the viewer",
    "mutes.reports_of": "by the number of a window that was found for the viewer",
    "hours.days_listed": "days alone",
    "phone.list_relays": "machines of the service itself, for who answers for all units",
    "record.newest_checkpoint": "a hash over everything, and how many entries there are",
    "kpi.watched_since": "since when a unit is watched; figures are shown of units the viewer sees",
    "known.load_known": "for the pages at the machines, which are told of their own unit alone",
    "known.load_contacts": "for the pages at the machines, which are told of their own unit alone",
    "paging.fetch_page": "runs the statement that it is given",
}
TABLES = {"incidents", "alerts", "agents", "units", "entries", "mutes", "tasks", "deadlines"}


def functions() -> dict[str, Callable[..., Any]]:
    """Return every function of the queries that reads, by module and name."""
    found = {}
    for module in iter_modules(queries.__path__):
        loaded = import_module(f"{queries.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            is_ours = inspect.isfunction(value) and value.__module__ == loaded.__name__
            if is_ours and not name.startswith("_") and "connection" in _parameters(value):
                found[f"{module.name}.{name}"] = value
    return found


def _parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters)


def test_every_query_takes_who_looks() -> None:
    """One that does not is named here with the reason; one that is gone is named no more."""
    found = functions()
    assert len(found) > 30
    blind = {name for name, function in found.items() if "viewer" not in _parameters(function)}
    assert blind == set(EXEMPT)


def test_every_query_uses_who_looks() -> None:
    """A viewer that is taken and not asked protects nothing."""
    deaf = []
    for name, function in functions().items():
        if "viewer" not in _parameters(function):
            continue
        tree = ast.parse(inspect.getsource(function))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if "viewer" not in used:
            deaf.append(name)
    assert deaf == []


def test_routes_and_pages_read_those_tables_through_the_queries() -> None:
    """A door that makes a statement of its own asks for what may be seen in it."""
    wrong = []
    for file in [*ROOT.glob("collector/api/*.py"), *ROOT.glob("collector/console/*.py")]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
            if node.module.startswith("collector.storage.")
            and node.module.rpartition(".")[2] in ("schema", "desk_tables", "procedure_tables")
        }
        if names & TABLES and "visible_to(viewer)" not in file.read_text(encoding="utf-8"):
            wrong.append(file.name)
    assert wrong == []


def test_condition_of_units_is_the_one_of_the_viewer() -> None:
    """All units: no condition. Some: they are named. None: nothing is seen."""
    from collector.storage.schema import alerts, incidents

    everything, some, nothing = Viewer(), Viewer(units=frozenset({"U1"})), Viewer(units=frozenset())
    assert str(in_scope(everything, alerts.c.unit)) == "true"
    assert "alerts.unit IN" in str(in_scope(some, alerts.c.unit))
    assert "IN" in str(in_scope(nothing, alerts.c.unit))
    assert "incident_units" in str(incident_in_scope(some))
    assert "readers IS NULL" in str(visible_to(everything, incidents))
    assert "incident_units" in str(visible_to(some, incidents))
