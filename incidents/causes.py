"""What the collector says of an alert, or a person by telephone, as entries of an incident.

A machine opens an incident, adds to it, raises its severity and marks it recovered; nothing here
acknowledges, moves or closes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from incidents.in_session import NOTHING_AROUND, Around, Where
from incidents.incident import Draft, Kind
from incidents.severity import weigh
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from incidents.incident import Incident
    from incidents.procedure import Procedure
    from incidents.procedure_file import IncidentClass
    from incidents.severity import Weighed
    from incidents.timeline import Entry

FALLBACK_CLASS = "khac"


@dataclass(frozen=True, slots=True)
class Cause:
    """An alert whose outcome is an incident.

    Attributes:
        dedup_key: What one open incident covers: alerts with one key join one incident.
        impact, scope: None for the class's default impact and the narrowest scope.
        started_at: Since when it has been wrong; the incident is detected when it is told.
        revision: Of the configuration that judged it.
        node: What it is about in the graph: an agent, `target:NAME`, `unit:CODE`.
        around: The session or peak period that it falls into.
    """

    alert_id: int
    dedup_key: str
    rule: str
    class_code: str
    impact: str | None
    scope: str | None
    severity: Literal["warning", "critical"]
    unit: str
    unit_name: str
    host: str
    summary_vi: str
    summary_en: str
    value: str
    started_at: datetime
    runbook: str
    revision: str = ""
    node: str = ""
    around: Around = NOTHING_AROUND


@dataclass(frozen=True, slots=True)
class HandReport:
    """What a person reports, for instance after a telephone call.

    Attributes:
        document, custodian: In place of a summary, where the class locks free text.
        session, points: Where it was reported at the board of a session; see `Where`.
    """

    class_code: str
    unit: str
    unit_name: str
    summary_vi: str
    detected_at: datetime
    host: str = ""
    summary_en: str = ""
    impact: str | None = None
    scope: str | None = None
    detected_by: str = "nguoi_dung"
    document: str = ""
    custodian: str = ""
    session: int = 0
    points: tuple[int, ...] = ()
    around: Around = NOTHING_AROUND


def where_of(report: HandReport) -> Where:
    """Return where it is that something breaks."""
    return Where(
        "", report.unit, report.host, report.class_code,
        is_by_hand=True, session=report.session, points=report.points,
    )  # fmt: skip


def opening(cause: Cause, procedure: Procedure, now: datetime) -> Draft:
    """Return the entry that opens an incident for an alert."""
    return _opening(
        procedure,
        class_of(procedure, cause.class_code),
        impact=cause.impact,
        scope=cause.scope,
        detected_at=now,
        data={
            "dedup_key": cause.dedup_key,
            "alert": cause.alert_id,
            "rule": cause.rule,
            "alert_severity": cause.severity,
            "unit": cause.unit,
            "unit_name": cause.unit_name,
            "host": cause.host,
            "started_at": microseconds(cause.started_at),
            "detected_by": "agent",
            "runbook": cause.runbook,
            "revision": cause.revision,
        },
        around=cause.around,
        texts={
            "summary_vi": cause.summary_vi,
            "summary_en": cause.summary_en,
            "value": cause.value,
        },
    )


def opening_by_hand(report: HandReport, procedure: Procedure) -> Draft:
    """Return the entry that opens an incident a person reports; nothing joins it."""
    return _opening(
        procedure,
        class_of(procedure, report.class_code),
        impact=report.impact,
        scope=report.scope,
        detected_at=report.detected_at,
        data={
            "dedup_key": None,
            "alert": None,
            "rule": "",
            "unit": report.unit,
            "unit_name": report.unit_name,
            "host": report.host,
            "started_at": microseconds(report.detected_at),
            "detected_by": report.detected_by,
            "runbook": "",
        },
        around=report.around,
        texts=_texts_by_hand(report, procedure),
    )


def _texts_by_hand(report: HandReport, procedure: Procedure) -> dict[str, str]:
    incident_class = class_of(procedure, report.class_code)
    if not incident_class.pointer_only:
        return {
            "summary_vi": report.summary_vi.strip(),
            "summary_en": (report.summary_en or report.summary_vi).strip(),
        }
    document, custodian = report.document.strip(), report.custodian.strip()
    return {
        "summary_vi": f"{incident_class.vi}: văn bản {document}, người giữ {custodian}",
        "summary_en": f"{incident_class.en}: document {document}, custodian {custodian}",
        "document": document,
        "custodian": custodian,
    }


def opening_drill(
    source: Entry, code: str, procedure: Procedure, now: datetime, replay: dict[str, Any]
) -> Draft:
    """Return the entry that opens a drill: the first entry of an earlier incident, said again.

    Nothing joins it and no alert of today belongs to it; its nature hides it as it hid the other.
    """
    drill = next((c for c in procedure.file.classes if c.drill), class_of(procedure, ""))
    before, words = source.data, source.texts or {}
    name = {"vi": "Diễn tập", "en": "Drill"}
    return _opening(
        procedure,
        drill,
        impact=before["impact"],
        scope=before["scope"],
        detected_at=now,
        data={
            "nature": before["nature"],
            "dedup_key": None,
            "alert": before["alert"],
            "rule": before["rule"],
            "unit": before["unit"],
            "unit_name": before["unit_name"],
            "host": before["host"],
            "started_at": microseconds(now),
            "detected_by": before["detected_by"],
            "runbook": before["runbook"],
            "replay": {"source": code, **replay},
        },
        texts={
            "summary_vi": f"{name['vi']} {code}: {words.get('summary_vi', '–')}",
            "summary_en": f"{name['en']} {code}: {words.get('summary_en', '–')}",
        },
    )


def joining(incident: Incident, cause: Cause, procedure: Procedure) -> list[Draft]:
    """Return the entries of one more alert of the same cause; none if it is known to fire."""
    if cause.alert_id in incident.open_alerts:
        return []
    kind = Kind.ALERT_JOINED if incident.recovered_at is None else Kind.FIRED_AGAIN
    data = {
        "alert": cause.alert_id,
        "rule": cause.rule,
        "alert_severity": cause.severity,
        "unit": cause.unit,
        "unit_name": cause.unit_name,
        "host": cause.host,
        "started_at": microseconds(cause.started_at),
        "revision": cause.revision,
    }
    texts = {
        "summary_vi": cause.summary_vi,
        "summary_en": cause.summary_en,
        "value": cause.value,
    }
    return [Draft(kind, data, texts), *_grown(incident, cause, procedure)]


def joining_all(incident: Incident, causes: Sequence[Cause], procedure: Procedure) -> list[Draft]:
    """Return the entries of several alerts of one cause, each as after those before it."""
    drafts: list[Draft] = []
    for cause in causes:
        more = joining(incident, cause, procedure)
        if not more:
            continue
        drafts += more
        units = incident.units if cause.unit in incident.units else (*incident.units, cause.unit)
        incident = replace(
            incident,
            open_alerts=incident.open_alerts | {cause.alert_id},
            units=units,
            recovered_at=None,
            **{name: more[-1].data[name] for name in ("impact", "scope", "severity")
               if more[-1].kind is Kind.SEVERITY_CHANGED},
        )  # fmt: skip
    return drafts


def recovering(incident: Incident, alerts: Collection[int]) -> list[Draft]:
    """Return the entries of alerts' recovery; none of those that are not known to fire."""
    ended = [alert for alert in dict.fromkeys(alerts) if alert in incident.open_alerts]
    drafts = [Draft(Kind.ALERT_RECOVERED, {"alert": alert}) for alert in ended]
    if ended and incident.open_alerts == set(ended) and not incident.ended:
        drafts.append(Draft(Kind.RECOVERED))
    return drafts


def change_of_severity(
    incident: Incident,
    procedure: Procedure,
    *,
    impact: str,
    scope: str,
    texts: dict[str, str],
    weighed: Weighed | None = None,
) -> Draft:
    """Return the entry of a new impact or scope; an open acknowledge clock starts at detection.

    What a person `weighed` may lower the severity; then the earlier clock to acknowledge stays.
    """
    severity = procedure.severity(impact, scope) if weighed is None else weighed.severity
    if weighed is None and not procedure.is_higher(severity, incident.severity):
        severity = incident.severity
    data: dict[str, Any] = {"impact": impact, "scope": scope, "severity": severity}
    data["severity_before"] = incident.severity
    if weighed is not None and weighed.steps:
        data["modifiers"] = [[step.modifier, step.before, step.after] for step in weighed.steps]
    if weighed is not None and weighed.pointer_only:
        data["pointer_only"] = True
    if incident.acknowledged_at is None and not procedure.is_higher(incident.severity, severity):
        data |= acknowledge_clock(procedure, severity, incident.detected_at, incident.around)
    return Draft(Kind.SEVERITY_CHANGED, data, texts)


def session_over(incident: Incident, procedure: Procedure, at: datetime) -> list[Draft]:
    """Return the entry that makes an incident an ordinary one when its session ends.

    What came due in the session stays as it was; an open clock starts at the first detection.
    """
    part = incident.around.in_session
    if part is None or part.left_at is not None or incident.ended:
        return []
    around = replace(incident.around, in_session=replace(part, left_at=at))
    data: dict[str, Any] = {"session": part.session}
    if incident.acknowledged_at is None:
        data |= acknowledge_clock(procedure, incident.severity, incident.detected_at, around)
    return [Draft(Kind.SESSION_OVER, data)]


def acknowledge_clock(
    procedure: Procedure, severity: str, detected_at: datetime, around: Around = NOTHING_AROUND
) -> dict[str, int | None]:
    """Return when acknowledging is due and when to warn of it, as an entry keeps them."""
    due = procedure.due_at("ack", severity, detected_at, around)
    warn = procedure.warn_at("ack", severity, detected_at, around)
    return {
        "acknowledge_due_at": None if due is None else microseconds(due),
        "acknowledge_warn_at": None if warn is None else microseconds(warn),
    }


def class_of(procedure: Procedure, code: str) -> IncidentClass:
    """Return the class, or the one for "undetermined": a page is never lost over a wrong code."""
    classes = procedure.classes
    return classes.get(code) or classes.get(FALLBACK_CLASS) or next(iter(classes.values()))


def _opening(
    procedure: Procedure,
    incident_class: IncidentClass,
    *,
    impact: str | None,
    scope: str | None,
    detected_at: datetime,
    data: dict[str, Any],
    texts: dict[str, str],
    around: Around = NOTHING_AROUND,
) -> Draft:
    file = procedure.file
    impact = impact if impact in file.impacts else incident_class.impact
    scope = scope if scope in file.scopes else next(iter(file.scopes))
    given = replace(around.circumstances, secret_or_security=incident_class.pointer_only)
    weighed = weigh(procedure, impact, scope, given)
    severity = weighed.severity
    facts = {
        "ruleset": procedure.id,
        "ruleset_digest": procedure.digest,
        "class": incident_class.code,
        "nature": incident_class.nature,
        "impact": impact,
        "scope": scope,
        "severity": severity,
        "stage": file.start,
        "detected_at": microseconds(detected_at),
        **around.data(),
    }
    if around.in_session is not None and weighed.steps:
        facts["modifiers"] = [[step.modifier, step.before, step.after] for step in weighed.steps]
    clock = acknowledge_clock(procedure, severity, detected_at, around)
    return Draft(Kind.OPENED, facts | clock | data, texts)


def _grown(incident: Incident, cause: Cause, procedure: Procedure) -> list[Draft]:
    """The change of severity that an alert brings: never down, at most one entry."""
    file = procedure.file
    impact, scope = incident.impact, incident.scope
    if cause.impact in file.impacts:
        impact = procedure.higher_impact(impact, cause.impact)
    if cause.scope in file.scopes:
        scope = procedure.higher_scope(scope, cause.scope)
    if cause.unit not in incident.units:
        scope = procedure.higher_scope(scope, file.several_units_scope)
    if (impact, scope) == (incident.impact, incident.scope):
        return []
    return [change_of_severity(incident, procedure, impact=impact, scope=scope, texts={})]
