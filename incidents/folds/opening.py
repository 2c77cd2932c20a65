"""The entry that opens an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidents.clocks import Clocks, Visit, Weight
from incidents.in_session import around_of
from incidents.state import Incident
from incidents.timeline import instant
from incidents.work import Replay, Work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from incidents.timeline import Entry


def opened(entry: Entry) -> Incident:
    """Return the incident that its first entry makes."""
    data, texts = entry.data, entry.texts or {}
    return Incident(
        code=entry.code,
        ruleset=data["ruleset"],
        dedup_key=data["dedup_key"],
        unit=data["unit"],
        unit_name=data["unit_name"],
        host=data["host"],
        class_code=data["class"],
        nature=data["nature"],
        impact=data["impact"],
        scope=data["scope"],
        severity=data["severity"],
        stage=data["stage"],
        detected_at=instant(data["detected_at"]),
        started_at=instant(data["started_at"]),
        summary_vi=texts.get("summary_vi", "(đã niêm phong)"),
        summary_en=texts.get("summary_en", "(sealed)"),
        runbook=data["runbook"],
        rule=data.get("rule", ""),
        units=(data["unit"],),
        open_alerts=frozenset() if data["alert"] is None else frozenset({data["alert"]}),
        acknowledge_due_at=optional(data["acknowledge_due_at"]),
        acknowledge_warn_at=optional(data["acknowledge_warn_at"]),
        ruleset_digest=data.get("ruleset_digest", ""),
        paging_digest=data.get("paging_digest", ""),
        oncall_digest=data.get("oncall_digest", ""),
        clocks=Clocks(
            visits=(Visit(data["stage"], entry.at),),
            severities=(Weight(data["severity"], instant(data["detected_at"])),),
        ),
        work=_work(data),
        around=around_of(data),
    )


def _work(data: Mapping[str, Any]) -> Work:
    replay = data.get("replay")
    return Work(
        tlp=data.get("tlp", ""),
        detected_by=data.get("detected_by", ""),
        is_pointer_only=data.get("pointer_only", False),
        replay=None
        if replay is None
        else Replay(
            source=replay["source"],
            pace_percent=replay["pace_percent"],
            started_at=instant(data["detected_at"]),
            next_at=optional(replay["next_at"]),
        ),
    )


def optional(count: int | None) -> datetime | None:
    """Return an instant that an entry may leave empty."""
    return None if count is None else instant(count)
