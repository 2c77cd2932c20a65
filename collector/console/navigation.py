"""Where the console's bar leads: the pages of every hour in it, all others behind "more"."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A page of the bar.

    Attributes:
        key: Of its name. Attribute `under`: beginnings of addresses that belong to it as well.
    """

    address: str
    key: str
    under: tuple[str, ...] = ()

    def is_at(self, path: str) -> bool:
        """Say whether a page belongs to it."""
        if self.address == "/" and path == "/":
            return True
        own = () if self.address == "/" else (self.address,)
        return path.startswith((*own, *self.under))


FIRST = (
    Place("/", "nav.units", ("/units", "/hosts", "/directory")),
    Place("/incidents", "nav.incidents"),
    Place("/alerts", "nav.alerts"),
    Place("/sessions", "nav.sessions"),
    Place("/due", "nav.due"),
)
MORE = (
    Place("/worklist", "nav.worklist"),
    Place("/targets", "nav.targets", ("/endpoints", "/services", "/certificates")),
    Place("/oncall", "nav.oncall"),
    Place("/day", "nav.days"),
    Place("/reports", "nav.reports", ("/daily", "/periods")),
    Place("/kpi", "nav.kpi", ("/carriers",)),
    Place("/runbooks", "nav.runbooks"),
    Place("/backtest", "nav.backtest"),
    Place("/procedure", "nav.procedure"),
)
