"""Where a panel leads: pages of the console, by the labels and fields that Grafana fills in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

if TYPE_CHECKING:
    from collector.dashboards.words import Words

CONSOLE = "${console}"


class Way(NamedTuple):
    """A page: the key of its words behind `way.`, and its path below the console's address."""

    key: str
    path: str


UNITS = Way("units", "/")
INCIDENTS = Way("incidents", "/incidents")
ALERTS = Way("alerts", "/alerts")
DUE = Way("due", "/due")
FIGURES = Way("figures", "/kpi")
SESSIONS = Way("sessions", "/sessions")
SERVICES = Way("services", "/services")
DIRECTORY = Way("directory", "/directory")
WORKLIST = Way("worklist", "/worklist")
ON_CALL = Way("on_call", "/oncall")
TARGETS = Way("targets", "/targets")
ENDPOINTS = Way("endpoints", "/endpoints")
# By what was chosen above the panels.
CHOSEN_UNIT = Way("unit", "/units/${unit}")
CHOSEN_HOST = Way("host", "/?q=${host}")
CHOSEN_SESSION = Way("session", "/sessions/${session}")
CHOSEN_BOARD = Way("board", "/sessions/${session}/live")
# By the series under the pointer.
UNIT = Way("unit", "/units/${__field.labels.unit}")
HOST = Way("host", "/?q=${__field.labels.host}")
TARGET = Way("target", "/targets/${__field.labels.target}")
ENDPOINT = Way("endpoint", "/endpoints/${__field.labels.target}")
# By the row of a table.
ROW_UNIT = Way("unit", "/units/${__data.fields.unit}")
ROW_HOST = Way("host", "/?q=${__data.fields.host}")
ROW_INCIDENT = Way("incident", "/incidents/${__data.fields.incident}")
ROW_SESSION = Way("session", "/sessions/${__data.fields.session}")
ROW_TARGET = Way("target", "/targets/${__data.fields.target}")
ROW_ENDPOINT = Way("endpoint", "/endpoints/${__data.fields.target}")


def link(words: Words, way: Way) -> DashboardLink:
    """Return the link of a panel, opened beside Grafana."""
    return (
        DashboardLink(words(f"way.{way.key}"))
        .type(DashboardLinkType.LINK)
        .url(CONSOLE + way.path)
        .target_blank(True)
    )
