"""Builds the whole web application out of its services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from collector.api import (
    accounts,
    agents,
    alerts,
    backtests,
    channel_tests,
    deadlines,
    device_events,
    drills,
    duties,
    endpoints,
    enrol,
    errors,
    evidence,
    exports,
    hand_report,
    handovers,
    health,
    hours,
    incidents,
    kpi,
    log_ins,
    login_links,
    metrics,
    mutes,
    oncall,
    phone,
    plans,
    policy,
    procedure,
    readiness,
    record,
    retention,
    runbooks,
    service_catalogue,
    session_lists,
    session_photos,
    sessions,
    targets,
    tasks,
    tokens,
    units,
    watchers,
    worklist,
)
from collector.api.gate import Gate
from collector.console import (
    assets,
    board_events,
    events,
    pages_account,
    pages_ack,
    pages_alerts,
    pages_backtest,
    pages_board,
    pages_channel_tests,
    pages_directory,
    pages_drills,
    pages_due,
    pages_endpoints,
    pages_files,
    pages_fleet,
    pages_hand_report,
    pages_handovers,
    pages_hours,
    pages_incidents,
    pages_kpi,
    pages_log_ins,
    pages_login,
    pages_mutes,
    pages_oncall,
    pages_procedure,
    pages_readiness,
    pages_roll_call,
    pages_runbooks,
    pages_services,
    pages_session_acts,
    pages_sessions,
    pages_targets,
    pages_why,
)
from collector.console.render import language_of, page

if TYPE_CHECKING:
    from fastapi import Request, Response

    from collector.services import Services

VERSION = "1"
ROUTERS = (
    health.router,
    metrics.router,
    units.router,
    agents.router,
    endpoints.router,
    enrol.router,
    tokens.router,
    watchers.router,
    phone.router,
    plans.router,
    alerts.router,
    worklist.router,
    drills.router,
    hand_report.router,
    evidence.router,
    exports.router,
    incidents.router,
    deadlines.router,
    device_events.router,
    targets.router,
    tasks.router,
    mutes.router,
    hours.router,
    policy.router,
    backtests.router,
    procedure.router,
    readiness.router,
    record.router,
    retention.router,
    duties.router,
    channel_tests.router,
    oncall.router,
    handovers.router,
    oncall.feeds,
    kpi.router,
    sessions.router,
    session_lists.router,
    session_photos.router,
    runbooks.router,
    service_catalogue.router,
    login_links.router,
    accounts.router,
    log_ins.router,
    assets.router,
    events.router,
    board_events.router,
    pages_board.router,
    pages_login.router,
    pages_ack.router,
    pages_account.router,
    pages_fleet.router,
    pages_directory.router,
    pages_endpoints.router,
    pages_alerts.router,
    pages_drills.router,
    pages_hand_report.router,
    pages_files.router,
    pages_backtest.router,
    pages_incidents.router,
    pages_why.router,
    pages_handovers.router,
    pages_channel_tests.router,
    pages_oncall.router,
    pages_mutes.router,
    pages_hours.router,
    pages_due.router,
    pages_kpi.router,
    pages_log_ins.router,
    pages_procedure.router,
    pages_readiness.router,
    pages_roll_call.router,
    pages_runbooks.router,
    pages_services.router,
    pages_sessions.router,
    pages_session_acts.router,
    pages_targets.router,
)


def build(services: Services) -> FastAPI:
    """Return the application: API, pages, health and metrics behind one gate."""
    app = FastAPI(
        title="wanwatch",
        version=VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services

    def problem_page(request: Request, status: int, problem: errors.Problem) -> Response:
        vietnamese = language_of(request).language == "vi"
        reason = problem.reason_vi if vietnamese else problem.reason_en
        return page(request, services, "problem", status=status, reason=reason)

    errors.install(app, page=problem_page)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(
        Gate,
        access=services.access,
        boards=services.board_access,
        open_paths=services.open_paths,
        evidence_bytes=services.files.evidence_bytes,
    )
    return app
