"""Reports to carriers: the ticket, the promises, and when the line was back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from incidents.carrier import CarrierReport, Promise
from incidents.folds.opening import optional
from incidents.state import Kind
from incidents.timeline import instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _with(incident: Incident, reports: tuple[CarrierReport, ...]) -> Incident:
    return replace(incident, work=replace(incident.work, carrier=reports))


def _each(incident: Incident, change: Callable[[CarrierReport], CarrierReport]) -> Incident:
    reports = incident.work.carrier
    return _with(incident, tuple(map(change, reports))) if reports else incident


def _told(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    told_at, until = instant(data["at"]), optional(data["promised_at"])
    report = CarrierReport(
        data["report"],
        entry.seq,
        data["carrier"],
        data["circuit"],
        data["ticket"],
        told_at,
        () if until is None else (Promise(until, told_at),),
    )
    return _with(incident, (*incident.work.carrier, report))


def _promised(incident: Incident, entry: Entry) -> Incident:
    until, ticket = optional(entry.data["promised_at"]), entry.data["ticket"]

    def change(report: CarrierReport) -> CarrierReport:
        if report.number != entry.data["report"]:
            return report
        more = () if until is None else (Promise(until, entry.at),)
        return replace(report, ticket=ticket or report.ticket, promises=(*report.promises, *more))

    return _each(incident, change)


def _back(incident: Incident, entry: Entry) -> Incident:
    changes: dict[str, Any] = {
        "restored_at": instant(entry.data["at"]),
        "restored_by": entry.actor,
    }
    number = entry.data["report"]
    return _each(incident, lambda one: replace(one, **changes) if one.number == number else one)


def _recovered(incident: Incident, entry: Entry) -> Incident:
    """The alerts recovered: the line of every open report is back."""
    return _each(
        incident, lambda one: one if one.restored_at else replace(one, restored_at=entry.at)
    )


def _fired_again(incident: Incident, entry: Entry) -> Incident:
    """What only the alerts said did not hold."""
    del entry
    return _each(incident, lambda one: one if one.restored_by else replace(one, restored_at=None))


CHANGES: dict[str, Change] = {
    Kind.CARRIER_TOLD: _told,
    Kind.CARRIER_PROMISED: _promised,
    Kind.CARRIER_BACK: _back,
    Kind.RECOVERED: _recovered,
    Kind.ALERT_JOINED: _fired_again,
    Kind.FIRED_AGAIN: _fired_again,
}
