"""What the web application uses, put together from the parts of the running collector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry

from collector.accounts.parts import access_parts
from collector.alerts_in.desk import OutsideDesk
from collector.alerts_in.metrics import OutsideMetrics
from collector.alerts_out.metrics import AlertsOutMetrics
from collector.backtest_desk import BacktestDesk
from collector.forward.metrics import ForwardMetrics
from collector.identity.enrolment_door import EnrolmentDoor
from collector.metrics.listed import ListedMetrics
from collector.metrics.metrics import ServiceMetrics
from collector.oncall.phone_desk import PhoneDesk, person_of
from collector.promotion import Promotion
from collector.samples_in.door import SamplesDoor
from collector.samples_in.metrics import SourceMetrics
from collector.services import Services
from collector.sessions.board_access import BoardAccess
from collector.sessions.live_boards import LiveBoards
from collector.storage.desk_store import DeskStore
from collector.targets.endpoint_book import EndpointBook
from collector.targets.target_book import TargetBook

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.parts import Parts
    from collector.service import Service


@dataclass(frozen=True, kw_only=True)
class Makers:
    """Clocks and chance, from the composition root."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    new_id: Callable[[], str]
    random_bytes: Callable[[int], bytes]


def _registry(
    parts: Parts,
    enrolment: EnrolmentDoor,
    samples_door: SamplesDoor,
    now: Callable[[], datetime],
) -> CollectorRegistry:
    """Return what `/metrics` shows."""
    registry = CollectorRegistry()
    registry.register(
        ServiceMetrics(
            fleet=parts.fleet,
            door=parts.door,
            judge=parts.judge,
            cycle=parts.cycle,
            journal=parts.journal,
            vitals=parts.vitals,
            counted=parts.counted,
            enrolment=enrolment,
            connections=parts.connections,
            watch=parts.watch,
        )
    )
    registry.register(ListedMetrics(parts.counted, parts.desk.console_url))
    registry.register(OutsideMetrics(parts.outside))
    registry.register(AlertsOutMetrics(parts.alerts_out))
    registry.register(ForwardMetrics(parts.forwarding, parts.journal, now=now))
    registry.register(SourceMetrics(samples_door, parts.sources))
    return registry


def services_of(
    parts: Parts, service: Service, makers: Makers, *, cli_token: str, account_key: bytes
) -> Services:
    """Return what the web application uses."""
    now, enrolment = makers.now, EnrolmentDoor(monotonic=makers.monotonic)
    samples_door = _samples_door(parts, makers)
    return Services(
        db=parts.database,
        **access_parts(
            parts.database,
            parts.settings,
            token=cli_token,
            key=account_key,
            now=now,
            random_bytes=makers.random_bytes,
            standing=parts.desk.standing,
            office_names=service.office_names,
        ),
        **_of_the_fleet(parts),
        **_of_the_desk(parts, makers),
        enrolment=enrolment,
        samples_door=samples_door,
        outside=OutsideDesk(
            parts.outside,
            parts.database,
            console_url=parts.desk.console_url,
            started_at=parts.fleet.started_at,
            now=now,
        ),
        desk_tx=DeskStore,
        files=parts.files,
        backtests=BacktestDesk(
            parts.files.jobs,
            hours=parts.settings.journal_hours,
            rules=parts.settings.policy_directory / "rules",
            now=now,
        ),
        promote=Promotion(parts.desk, DeskStore, service.rule_of, parts.outside.book.told).promote,
        changes=parts.changes,
        registry=_registry(parts, enrolment, samples_door, now),
        health=service.health,
        ready=service.ready,
        progress=service.progress,
        reload=service.reload,
        now=now,
        new_id=makers.new_id,
        shedding=service.is_shedding,
        expected_hours=parts.fleet.hours_of,
        is_set_in_file=lambda unit, kind: (unit, kind) in parts.fleet.expectations.policy.units,
        is_working_day=parts.attendance.is_working_day,
        rule_names=lambda: [rule.name for rule in parts.judge.rulebook.rules],
        knows_node=lambda name: ":" in name and parts.fleet.find(name) is not None,
        mutes_changed=service.mutes_changed,
        stopping=parts.stopping,
    )


def _phone(parts: Parts, new_id: Callable[[], str]) -> PhoneDesk:
    """Return what carries replies by telephone out; a number is whose the contacts say it is."""
    return PhoneDesk(
        parts.desk,
        DeskStore,
        person_of=lambda number: person_of(parts.desk, number),
        new_message_id=new_id,
        unit_days=parts.unit_days,
    )


def _samples_door(parts: Parts, makers: Makers) -> SamplesDoor:
    return SamplesDoor(
        parts.door,
        parts.fleet,
        parts.database,
        parts.vitals,
        refresh=parts.identity.refresh,
        now=makers.now,
        monotonic=makers.monotonic,
    )


def _of_the_fleet(parts: Parts) -> dict[str, Any]:
    """Return what knows hosts, targets and what is measured."""
    return {
        "fleet": parts.fleet,
        "endpoints": EndpointBook(parts.fleet),
        "identity": parts.identity,
        "plans": parts.plans,
        "board": parts.service_board,
        "targets": TargetBook(parts.fleet, parts.plans),
        "readiness": parts.readiness,
        "boards": LiveBoards(parts.database, parts.fleet, parts.readiness.thresholds),
        "board_access": BoardAccess(parts.database, parts.desk.standing),
        "presence": parts.presence,
        "watch": parts.watch,
        "sources": parts.sources,
    }


def _of_the_desk(parts: Parts, makers: Makers) -> dict[str, Any]:
    """Return what knows incidents, people and what they plan."""
    return {
        "phone": _phone(parts, makers.new_id),
        "acks": parts.acks,
        "channel_tester": parts.channel_tester,
        "desk": parts.desk,
        "names": parts.names,
        "library": parts.library,
        "duties": parts.duty_book,
        "certificates": parts.certificate_book,
        "kpi": parts.kpi_book,
        "sessions": parts.sessions,
        "unit_days": parts.unit_days,
        "reports": parts.reports,
        "printer": parts.printer,
    }
