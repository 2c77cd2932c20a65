"""Every route, and what it asks of who comes: a role, a unit, the whole province, the token.

A route that is not here fails the test: whoever adds one says here who may use it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Ask = Literal["open", "any", "unit", "token", "stream"]
ANY: Ask = "any"


@dataclass(frozen=True)
class Route:
    """What a route asks for, and a request that gets that far.

    Attributes:
        ask: `open`: nothing. `any`: somebody we know. `unit`: who sees the unit that it is about.
            `token`: the command line. `stream`: tried in a test of its own.
        act: What the procedure's table `may` calls it; empty: any role, one that only reads too.
        province: Refused to who answers for some units alone.
        in_file: The role is that of the incident's own ruleset, refused as its commands are.
        names: In which fields a refusal says that what is of another unit does not exist.
    """

    ask: Ask = ANY
    act: str = ""
    province: bool = False
    in_file: bool = False
    body: dict[str, Any] | None = None
    form: dict[str, Any] | None = None
    query: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def command(act: str, **body: Any) -> Route:
    """Return the route of a command on an incident."""
    return Route("unit", act=act, in_file=True, body=body)


QUIET = {"unit": "{unit}", "reason": "Sửa máy"}
WINDOW = {"starts_at": "2026-11-23T10:00:00Z", "ends_at": "2026-11-23T11:00:00Z", "owner": "An"}
SILENCE = {
    "matchers": [{"name": "unit", "value": "{unit}", "isRegex": False}], "comment": "Sửa máy",
    "createdBy": "An", "startsAt": "2026-11-20T10:00:00Z", "endsAt": "2026-11-24T10:00:00Z",
}  # fmt: skip
LATER = "2026-12-30T10:00:00Z"
REPORT = {"unit": "{unit}", "class_code": "kt_thiet_bi", "summary": "Máy chủ không bật được"}
STAND_IN = {
    "schedule": "x", "out": "A", "stand_in": "B", "from": LATER, "until": "2026-12-31T10:00:00Z"
}  # fmt: skip
SESSION = {
    "name": "Giao ban", "session_class": "B", "starts_at": LATER,
    "ends_at": "2026-12-30T12:00:00Z", "points": ["{unit}"],
}  # fmt: skip
FORM = {
    "name": "Giao ban", "session_class": "B", "starts": "2026-12-30T17:00",
    "ends": "2026-12-30T19:00", "points": "{unit}",
}  # fmt: skip
PASSWORD = "mưa rơi trên mái ngói"

OPEN = {
    path: Route("open")
    for path in (
        "GET /-/healthy",
        "GET /-/progress",
        "GET /-/ready",
        "GET /login",
        "GET /login/{secret}",
        "POST /login",
        "POST /api/v1/enrol",
        "POST /api/v1/plan",
        "POST /api/v1/rotate-key",
        "POST /api/v1/phone/messages",
        "POST /api/v1/phone/receipts",
        "POST /api/v1/write",
        "GET /ack/{token}",
        "POST /ack/{token}",
    )
}
# What is of nobody's unit, or shows to each what they see.
FOR_ANYBODY = {
    path: Route()
    for path in (
        "GET /",
        "GET /account",
        "POST /account/password",
        "POST /account/sessions/{session}/end",
        "POST /account/totp",
        "POST /account/totp/confirm",
        "POST /account/totp/off",
        "GET /alerts",
        "GET /api/openapi.json",
        "GET /api/v1/agents",
        "GET /api/v1/agents/log",
        "GET /api/v1/agents/missing",
        "GET /api/v1/agents/unknown",
        "GET /api/v1/alerts",
        "GET /api/v1/carriers",
        "GET /api/v1/carriers.csv",
        "GET /api/v1/certificates",
        "GET /api/v1/checkpoint",
        "GET /api/v1/device-events",
        "GET /api/v1/documents",
        "GET /api/v1/documents/kinds",
        "GET /api/v1/documents/waiting",
        "GET /api/v1/due",
        "GET /api/v1/duties",
        "GET /api/v1/endpoints",
        "GET /api/v1/enrolment-tokens",
        "GET /api/v1/hours",
        "GET /api/v1/hours/missing",
        "GET /api/v1/hours/proposals",
        "GET /api/v1/incidents",
        "GET /api/v1/kpi",
        "GET /api/v1/kpi.csv",
        "GET /api/v1/kpi/records",
        "GET /api/v1/handovers",
        "GET /api/v1/maintenance",
        "GET /api/v1/oncall",
        "GET /api/v1/oncall/contacts",
        "GET /api/v1/oncall/gaps",
        "GET /api/v1/oncall/overrides",
        "GET /api/v1/oncall/overrides.ics",
        "GET /api/v1/oncall/shifts",
        "GET /api/v1/oncall/tests",
        "POST /api/v1/oncall/tests",
        "GET /api/v1/procedure",
        "GET /api/v1/procedure/diff",
        "GET /api/v1/procedures",
        "GET /api/v1/record",
        "GET /api/v1/retention",
        "GET /api/v1/runbooks",
        "GET /api/v1/session-calendars",
        "GET /api/v1/session-figures",
        "GET /api/v1/session-policy",
        "GET /api/v1/sessions",
        "GET /api/v1/runbooks/{name}",
        "GET /api/v1/services",
        "GET /api/v1/silences",
        "GET /api/v2/alerts",
        "GET /api/v2/alerts/groups",
        "GET /api/v2/receivers",
        "GET /api/v2/silences",
        "GET /api/v2/status",
        "GET /api/v1/targets",
        "GET /api/v1/tasks",
        "GET /api/v1/unit-days",
        "GET /api/v1/unit-days.csv",
        "GET /api/v1/units",
        "GET /api/v1/sd",
        "GET /api/v1/sources",
        "GET /api/v1/watchers",
        "GET /api/v1/worklist",
        "GET /carriers",
        "GET /certificates",
        "GET /daily",
        "GET /day",
        "GET /directory",
        "GET /due",
        "GET /endpoints",
        "GET /hours",
        "GET /hours/missing",
        "GET /incidents",
        "GET /incidents/new",
        "GET /kpi",
        "GET /kpi/records",
        "GET /mutes",
        "GET /oncall",
        "GET /oncall/handovers",
        "GET /oncall/phone-tree",
        "GET /oncall/tests",
        "POST /oncall/tests",
        "GET /procedure",
        "GET /procedure/diff",
        "GET /record",
        "GET /reports",
        "GET /reports/waiting",
        "GET /runbooks",
        "GET /runbooks/{name}",
        "GET /services",
        "GET /sessions",
        "GET /sessions/new",
        "GET /static/{name}",
        "GET /targets",
        "GET /worklist",
        "POST /logout",
        "POST /oncall/calendar",
    )
}
# What is about one thing of one unit, and nothing but read.
OF_A_UNIT = {
    path: Route("unit")
    for path in (
        "GET /api/v1/agents/{agent}",
        "GET /api/v1/alerts/{alert}",
        "GET /api/v1/documents/{document}",
        "GET /api/v1/documents/{document}/file",
        "GET /api/v1/endpoints/{endpoint}",
        "GET /api/v1/incidents/{code}",
        "GET /api/v1/incidents/{code}/carrier",
        "GET /api/v1/incidents/{code}/deadlines",
        "GET /api/v1/incidents/{code}/entries",
        "GET /api/v1/incidents/{code}/entries/{entry}/copies",
        "GET /api/v1/incidents/{code}/why",
        "GET /api/v1/maintenance/{number}/reports",
        "GET /api/v1/sessions/{conference}",
        "GET /api/v1/sessions/{conference}/log",
        "GET /api/v1/sessions/{conference}/minutes",
        "GET /api/v1/sessions/{conference}/points",
        "GET /api/v1/sessions/{conference}/checks",
        "GET /api/v1/sessions/{conference}/checks/{check}",
        "GET /api/v1/sessions/{conference}/readiness",
        "GET /api/v1/targets/{target}",
        "GET /api/v1/unit-days/{unit}",
        "GET /api/v1/units/{code}",
        "GET /day/{unit}",
        "GET /endpoints/{endpoint}",
        "GET /hosts/{agent}",
        "GET /incidents/{code}",
        "GET /incidents/{code}/carrier",
        "GET /incidents/{code}/why",
        "GET /reports/{document}",
        "GET /sessions/{conference}",
        "GET /sessions/{conference}/checks/{check}",
        "GET /sessions/{conference}/live",
        "GET /sessions/{conference}/readiness",
        "GET /sessions/{conference}/roll-call",
        "GET /sessions/{conference}/edit",
        "GET /targets/{target}",
        "GET /units/{code}",
    )
}
# There is no such thing in the file of this test: nobody finds it, in whichever unit.
NOT_THERE = (
    "GET /api/v1/documents/{document}/data.zip",
    "GET /api/v1/daily",
    "GET /api/v1/daily/{day}.{form}",
    "GET /api/v1/oncall/tests/{batch}",
    "GET /api/v1/handovers/{number}",
    "GET /api/v1/sessions/{conference}/photos/{number}",
    "GET /api/v1/sessions/{conference}/samples",
    "GET /oncall/handovers/{number}",
    "POST /api/v1/handovers/{number}/notes",
    "POST /api/v1/handovers/{number}/sign",
    "POST /api/v1/oncall/contacts/{person}/calendar",
    "POST /oncall/handovers/{number}/note",
    "POST /oncall/handovers/{number}/sign",
    "GET /api/v1/incidents/{code}/evidence/{number}",
    "GET /api/v1/incidents/{code}/minutes",
    "GET /api/v1/incidents/{code}/shares/{number}",
    "POST /incidents/{code}/evidence/{number}/copy",
)
COMMANDS = {
    f"POST /api/v1/incidents/{{code}}/{name}": route
    for name, route in {
        "ack": command("ack"),
        "ask_seal": command("seal_ask", entry=1, reason="nhầm"),
        "classify": command("classify", reason="x", class_code="kt_phan_mem"),
        "close": command("approve_end", reason="xong", root_cause="human-errors"),
        "contain": command("contain", what="rút dây"),
        "custody": command("custody", evidence=1, event="handed_over", holder="An", place="tủ"),
        "explain": command("contain", reason="x"),
        "extend": command("extend", deadline="fix", until=LATER, approver="A", reason="x"),
        "carrier_back": command("task", report=1),
        "carrier_promise": command("task", report=1, ticket="T1"),
        "carrier_told": command("task", carrier="VNPT"),
        "link": command("link", other="SC26-9999", reason="x"),
        "lower": command("lower", impact="I1", scope="P1", reason="x"),
        "meet": command("meet", deadline="notify_commander", how="gọi", told="Chi"),
        "move": command("move", stage="xac_minh", reason="x"),
        "note": command("note", text="x"),
        "pass_on": command("pass_on", reason="x"),
        "point": command("note", document="15-BC/TU", custodian="An"),
        "preserve": command("preserve", what="ảnh", where="tủ"),
        "raise": command("raise", impact="I4", scope="P4", reason="x"),
        "received": command("share", share=1, who="A"),
        "remove_content": command("retention", reason="x"),
        "reportable": command("report_yes", decision="yes", reason="x", grounds=["su_co"]),
        "restrict": command("restrict", reason="x", roles=["chi_huy"]),
        "seal": command("seal", entry=1),
        "share": command("share", fields=["severity"], partner="VNPT", reason="x"),
        "task": command("task", what="x", owner="An", due=LATER),
        "task_done": command("task", task=1, result="x"),
        "tell": command("tell", role="chi_huy", who="Chi", how="phone"),
        "waive": command("waive", kind="nhat_ky", reason="x"),
        "drill": command("drill"),
    }.items()
}
ACTS = {
    "POST /api/v1/incidents": Route("unit", act="open", in_file=True, body=REPORT),
    "POST /incidents/new": Route("unit", act="open", in_file=True, form=REPORT),
    "POST /incidents/{code}/{command}": Route("unit", act="note", in_file=True, form={"text": "x"}),
    "POST /incidents/{code}/drill": Route("unit", act="drill", in_file=True, form={}),
    "POST /incidents/{code}/silence": Route(
        "unit", act="silence", form={"scope": "unit:{unit}", "reason": "x"}
    ),
    "POST /incidents/{code}/export": Route("unit", act="export"),
    "POST /api/v1/incidents/{code}/export": Route("unit", act="export"),
    "POST /api/v1/incidents/{code}/evidence": Route(
        "unit", act="evidence", in_file=True, query={"kind": "nhat_ky", "name": "a.txt"}
    ),
    "POST /api/v1/worklist/{alert}/promote": Route("unit", act="open"),
    "POST /worklist/{alert}/promote": Route("unit", act="open"),
    "POST /api/v1/webhooks/alertmanager": Route("token", body={"version": "4", "alerts": []}),
    "POST /api/v2/alerts": Route("token", body={}),
    "POST /api/v2/silences": Route("unit", act="silence", body=SILENCE),
    "GET /api/v2/silence/{silence_id}": Route("unit"),
    "DELETE /api/v2/silence/{silence_id}": Route("unit", act="silence"),
    "POST /api/v1/silences": Route("unit", act="silence", body=QUIET, names=("unit",)),
    "POST /api/v1/silences/{number}/expire": Route("unit", act="silence"),
    "POST /api/v1/maintenance": Route(
        "unit", act="maintenance", body=QUIET | WINDOW, names=("unit",)
    ),
    "POST /api/v1/maintenance/{number}/remove": Route("unit", act="maintenance"),
    "POST /mutes/silence": Route("unit", act="silence", form=QUIET, names=("page",)),
    "POST /mutes/maintenance": Route(
        "unit",
        act="maintenance",
        form=QUIET | {"starts": "2026-11-23T17:00", "ends": "2026-11-23T18:00", "owner": "An"},
        names=("page",),
    ),
    "POST /mutes/{kind}/{number}/end": Route("unit", act="silence"),
    "POST /api/v1/hours": Route("unit", act="hours", body={"unit": "{unit}", "hours": "always"}),
    "POST /api/v1/hours/forget": Route("unit", act="hours", body={"unit": "{unit}"}),
    "POST /hours/{verdict}": Route("unit", act="hours", form={"unit": "{unit}", "hours": "always"}),
    "POST /api/v1/agents/approve": Route(act="agents", body={"agents": ["{agent}"]}),
    "POST /directory/approve": Route(act="agents", form={"agents": "{agent}"}),
    "POST /api/v1/agents/{agent}/revoke": Route("unit", act="agents", body={"reason": "x"}),
    "POST /hosts/{agent}/revoke": Route("unit", act="agents", form={"reason": "x"}),
    "POST /api/v1/agents/{agent}/reattach": Route("unit", act="agents"),
    "POST /hosts/{agent}/reattach": Route("unit", act="agents"),
    "POST /api/v1/enrolment-tokens": Route("unit", act="agents", body={"unit": "{unit}"}),
    "POST /api/v1/enrolment-tokens/{token}/revoke": Route("unit", act="agents"),
    "POST /api/v1/duties/{duty}/{period}/done": Route(act="duty", body={"proof": "x"}),
    "POST /due/{duty}/{period}": Route(act="duty", form={"proof": "x"}),
    "POST /api/v1/unit-days/{unit}": Route("unit", act="unit_day", body={"day": "2026-11-20"}),
    "POST /day/{unit}": Route("unit", act="unit_day", form={"clean": "true", "day": "2026-11-20"}),
    "POST /api/v1/oncall/overrides": Route(act="oncall", body=STAND_IN),
    "POST /api/v1/oncall/overrides/{number}/cancel": Route(act="oncall", body={"reason": "x"}),
    "POST /api/v1/oncall/import": Route(act="oncall", body={"ics": "BEGIN:VCALENDAR"}),
    "POST /oncall/overrides": Route(act="oncall", form={"schedule": "x"}),
    "POST /oncall/overrides/{number}/cancel": Route(act="oncall", form={}),
    **{
        f"POST /sessions/{{conference}}{name}": Route("unit", act=act, form=form)
        for name, act, form in (
            ("/copy", "session", {"starts": "2026-12-30T17:00"}),
            ("/move", "session", {"starts": "2026-12-30T17:00"}),
            ("/edit", "session", FORM),
            ("/step/{step}", "session_run", {}),
            ("/confirm/{place}", "session_run", {}),
            ("/log", "session_run", {"text": "x"}),
            ("/close", "session_run", {}),
        )
    },
    **{
        f"POST /sessions/{{conference}}{name}": Route("unit", act="session_run", form=form)
        for name, form in (
            ("/boards", {}),
            ("/check", {}),
            ("/checks/{check}/sign", {}),
            ("/roll-call", {"answer": "good", "points": 1}),
        )
    },
    **{
        f"POST /api/v1/sessions/{{conference}}{name}": Route("unit", act="session_run", body=body)
        for name, body in (
            ("/answers", {"answers": [{"points": [1], "answer": "good"}]}),
            ("/checks", None),
            ("/checks/{check}/sign", {}),
        )
    },
    "POST /sessions/new": Route("unit", act="session", form=FORM, names=("page",)),
    "POST /api/v1/session-imports": Route(
        "unit",
        act="session",
        body={"csv": "name,starts,ends,points\nHọp,30/12/2026 08:00,30/12/2026 09:00,{unit}\n"},
        names=("points",),
    ),
    "POST /api/v1/sessions": Route("unit", act="session", body=SESSION, names=("points",)),
    **{
        f"POST /api/v1/sessions/{{conference}}{name}": Route("unit", act=act, body=body)
        for name, act, body in (
            ("", "session", SESSION),
            ("/copy", "session", {"starts_at": LATER}),
            ("/move", "session", {"starts_at": LATER}),
            ("/cancel", "session", {"reason": "x"}),
            ("/start", "session_run", None),
            ("/end", "session_run", None),
            ("/reported", "session_run", None),
            ("/points/{place}/confirm", "session_run", {"is_there": True}),
            ("/log", "session_run", {"entries": [{"kind": "note", "text": "x"}]}),
            ("/close", "session_run", {"is_clean": True}),
        )
    },
    "POST /reports": Route("unit", act="report", form={"kind": "initial", "subject": "{incident}"}),
    "POST /reports/{document}/do/{deed}": Route("unit", act="report", form={}),
    "POST /reports/{document}/answer/{answer}": Route("unit", act="report_sign", form={}),
    "POST /reports/{document}/dossier": Route("unit", act="export", form={}),
    "POST /api/v1/documents": Route(
        "unit", act="report", body={"kind": "initial", "subject": "{incident}"}
    ),
    **{
        f"POST /api/v1/documents/{{document}}/{name}": Route("unit", act=act, body=body)
        for name, act, body in (
            ("ask", "report", None),
            ("correct", "report", {"changes": "x"}),
            ("dossier", "export", None),
            ("fill", "report", {"fields": {"kinh_gui": "x"}}),
            ("gather", "report", None),
            ("later", "report_sign", {"until": LATER}),
            ("number", "report", {"number": "5", "on": "2026-11-26"}),
            ("receipt", "report", {"sent": 1, "receipt": "x"}),
            ("return", "report_sign", {"reason": "x"}),
            ("sent", "report", {"recipient": "x", "how": "y"}),
            ("sign", "report_sign", {}),
        )
    },
    "POST /api/v1/procedure/confirmations": Route(
        act="confirmed_by", in_file=True, body={"item": "matrix"}
    ),
    "POST /procedure/confirm": Route(act="confirmed_by", in_file=True, form={"item": "matrix"}),
}
PROVINCE = {
    "GET /api/v1/periods/{span}": Route(province=True),
    "GET /api/v1/periods/{span}/data.zip": Route(province=True),
    "GET /api/v1/periods/{span}/print.{form}": Route(province=True),
    "GET /periods": Route(province=True),
    "GET /metrics": Route(province=True),
    "GET /api/v1/jobs/{number}": Route(province=True),
    "GET /api/v1/record/contents/{digest}": Route(province=True),
    "GET /api/v1/log-ins": Route(act="log_ins", province=True),
    "GET /log-ins": Route(act="log_ins", province=True),
    "POST /api/v1/audit": Route(act="audit", province=True),
    "POST /record/verify": Route(act="audit", province=True),
    "POST /api/v1/policy/reload": Route(act="reload", province=True, body={"reason": "x"}),
    "POST /api/v1/backtests": Route(act="reload", province=True, body={"rules": "off: [SwapHigh]"}),
    "POST /api/v1/backtests/{number}/cancel": Route(act="reload", province=True),
    "GET /backtest": Route(province=True),
    "POST /backtest": Route(act="reload", province=True, form={"rules": "off: [SwapHigh]"}),
    "POST /backtest/{number}/cancel": Route(act="reload", province=True),
    "POST /api/v1/record/{seq}/ask_seal": Route(
        act="seal_ask", province=True, body={"reason": "x"}
    ),
    "POST /api/v1/record/{seq}/seal": Route(act="seal", province=True),
    "POST /record/seal": Route(act="seal_ask", province=True, form={"entry": 1, "reason": "x"}),
    "POST /api/v1/watchers": Route(
        act="watch", province=True, body={"name": "canh-1", "unit": "{unit}"}
    ),
    "POST /api/v1/watchers/{name}/revoke": Route(act="watch", province=True),
    "POST /api/v1/sources": Route(
        act="watch", province=True, body={"name": "vm-1", "unit": "{unit}", "kinds": ["samples"]}
    ),
    "POST /api/v1/sources/{name}/rotate": Route(act="watch", province=True),
    "POST /api/v1/sources/{name}/revoke": Route(act="watch", province=True),
    "GET /api/v1/phone/log": Route(act="log_ins", province=True),
    "GET /api/v1/phone/relays": Route(act="watch", province=True),
    "POST /api/v1/phone/relays": Route(act="watch", province=True, body={"name": "may-1"}),
    "POST /api/v1/phone/relays/{name}/revoke": Route(act="watch", province=True),
}
FOR_THE_TOKEN = {
    path: Route("token", body=body)
    for path, body in {
        "GET /api/v1/accounts": None,
        "POST /api/v1/accounts": {"name": "An", "password": PASSWORD},
        "POST /api/v1/accounts/{name}/disable": None,
        "POST /api/v1/accounts/{name}/enable": None,
        "POST /api/v1/accounts/{name}/password": {"password": PASSWORD},
        "GET /api/v1/accounts/{name}/sessions": None,
        "POST /api/v1/accounts/{name}/sessions/end": None,
        "POST /api/v1/accounts/{name}/sessions/{session}/end": None,
        "POST /api/v1/accounts/{name}/totp/reset": None,
        "POST /api/v1/login-links": {"user": "An"},
    }.items()
}
ELSEWHERE = {
    # A file, in a form of several parts: the API's intake has the same work behind it.
    "POST /sessions/import": Route("stream"),
    "POST /api/v1/sessions/{conference}/photos": Route("stream"),
    # A calendar's address has a secret of its own.
    "GET /oncall/{person}.ics": Route("stream"),
    "GET /console/events": Route("stream"),
    "GET /sessions/{conference}/live/events": Route("stream"),
    # A board's address has a secret of its own.
    "GET /board/{conference}/{secret}": Route("stream"),
    # The form of evidence is the API's intake: it has the same work behind it.
    "POST /incidents/{code}/evidence": Route("unit", act="evidence", in_file=True),
}
TABLE: dict[str, Route] = {
    **OPEN,
    **FOR_ANYBODY,
    **OF_A_UNIT,
    **COMMANDS,
    **ACTS,
    **PROVINCE,
    **FOR_THE_TOKEN,
    **ELSEWHERE,
}
