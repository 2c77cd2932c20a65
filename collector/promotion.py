"""One click makes a worklist line an incident: a person opens it, or joins it to the open one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from collector.rules.rules import dedup_key
from collector.storage.schema import agents, alerts, units
from incidents.causes import FALLBACK_CLASS, Cause

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.alerts import Firing
    from collector.rules.rules import Rule
    from incidents.desk import Desk
    from incidents.desk_store import DeskTransaction


class Promotion:
    """Opens incidents from alerts.

    Args:
        rule_of: Returns the rule in force of a name, if any.
        said_outside: Returns what an alert from outside says now, by its fingerprint.
    """

    def __init__(
        self,
        desk: Desk,
        open_transaction: Callable[[Connection], DeskTransaction],
        rule_of: Callable[[str], Rule | None],
        said_outside: Callable[[str], Firing | None] = lambda _: None,
    ) -> None:
        self._desk, self._open, self._rule_of = desk, open_transaction, rule_of
        self._said_outside = said_outside

    def promote(self, connection: Connection, alert: int, actor: str, now: datetime) -> int:
        """Return the incident that now covers the alert; its recovery will reach the incident."""
        row = connection.execute(
            select(alerts, units.c.name.label("unit_name"), agents.c.kind)
            .outerjoin(units, units.c.code == alerts.c.unit)
            .outerjoin(agents, agents.c.id == alerts.c.agent)
            .where(alerts.c.id == alert)
        ).one()
        cause = _cause(row, None if row.source else self._rule_of(row.rule))
        said = self._said_outside(row.fingerprint) if row.source else None
        if said is not None:
            cause = replace(
                cause,
                dedup_key=said.dedup_key,
                class_code=said.class_code,
                impact=said.impact,
                scope=said.scope,
            )
        incident = self._desk.alert_fired(self._open(connection), cause, now, actor=actor)
        connection.execute(
            update(alerts)
            .where(alerts.c.id == alert)
            .values(incident=incident, outcome="incident", changed_at=now)
        )
        if row.resolved_at is not None:
            self._desk.alert_recovered(self._open(connection), incident, alert, now)
        return incident


def _cause(row: Any, rule: Rule | None) -> Cause:
    return Cause(
        alert_id=row.id,
        dedup_key=dedup_key(rule, row.agent, row.unit) if rule else row.fingerprint,
        rule=row.rule,
        class_code=rule.class_code if rule else FALLBACK_CLASS,
        impact=rule.impact if rule else None,
        scope=rule.scope if rule else None,
        severity=row.severity,
        unit=row.unit,
        unit_name=row.unit_name or row.unit,
        host=row.host,
        summary_vi=row.summary_vi,
        summary_en=row.summary_en,
        value=row.value,
        started_at=row.started_at,
        runbook=row.runbook,
        revision=row.revision,
        node=row.agent,
    )
