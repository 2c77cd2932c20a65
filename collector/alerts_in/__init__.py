"""Alerts from outside: Prometheus, Alertmanager, Grafana and `amtool` say them, as Alertmanager."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collector.alerts_in.book import OutsideBook
    from collector.alerts_in.door import AlertsDoor


class Outside(NamedTuple):
    """What takes and keeps alerts from outside."""

    book: OutsideBook
    door: AlertsDoor
