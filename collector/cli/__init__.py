"""The `wanwatch` command: one file per sub-command, put together here."""

from __future__ import annotations

import typer

from collector.cli import (
    agents,
    alerts,
    audit,
    backtest,
    carriers,
    certificates,
    check_config,
    collector,
    day,
    demo,
    demo_site,
    discover,
    duty,
    endpoint,
    enrol,
    handover,
    hours,
    incident,
    incident_deadlines,
    job,
    job_report,
    login,
    maintenance,
    oncall,
    phone,
    procedure,
    rehearse,
    relay,
    reload,
    report,
    report_daily,
    runbook,
    service,
    session,
    session_ready,
    silence,
    simulate,
    source,
    target,
    up,
    user,
    watch,
    watcher,
    worklist,
)
from collector.cli.speech import run_in_vietnamese
from collector.cli.words import is_vietnamese

app = typer.Typer(
    name="wanwatch",
    help="Watch hosts, raise incidents, and walk them through the response procedure.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("collector")(collector.collector)
app.command("login")(login.login)
app.add_typer(agents.command, name="agents")
app.add_typer(enrol.command, name="enrol")
app.add_typer(user.command, name="user")
app.add_typer(source.command, name="source")
app.command("watch")(watch.watch)
app.add_typer(watcher.command, name="watcher")
app.add_typer(phone.command, name="phone")
app.command("relay")(relay.relay)
app.command("alerts")(alerts.alerts)
app.add_typer(endpoint.command, name="endpoint")
app.command("worklist")(worklist.worklist)
incident.command.command("deadlines")(incident_deadlines.deadlines)
incident.command.command("meet")(incident_deadlines.meet)
incident.command.command("extend")(incident_deadlines.extend)
incident.command.command("carrier")(carriers.slip)
app.add_typer(incident.command, name="incident")
app.command("carriers")(carriers.carriers)
app.command("certificates")(certificates.certificates)
app.add_typer(audit.command, name="audit")
app.command("backtest")(backtest.try_rules)
app.add_typer(job.command, name="job")
app.add_typer(target.command, name="target")
app.add_typer(silence.command, name="silence")
app.add_typer(maintenance.command, name="maintenance")
app.add_typer(hours.command, name="hours")
app.add_typer(service.command, name="service")
app.add_typer(duty.command, name="duty")
app.add_typer(day.command, name="day")
oncall.command.add_typer(handover.command, name="handover")
app.add_typer(oncall.command, name="oncall")
report.command.command("daily")(report_daily.daily)
report.command.command("data")(report_daily.tables)
session.command.command("ready")(session_ready.ready)
app.add_typer(session.command, name="session")
app.add_typer(report.command, name="report")
job.command.command("dossier")(job_report.dossier)
app.add_typer(procedure.command, name="procedure")
app.add_typer(runbook.command, name="runbook")
app.command("simulate")(simulate.simulate)
app.command("rehearse")(rehearse.rehearse)
app.command("demo")(demo.demo)
app.command("demo-site")(demo_site.demo_site)
app.command("reload")(reload.reload)
app.command("discover")(discover.discover)
app.command("check-config")(check_config.check_config)


def main() -> None:
    """Run the command line; exit codes: 0 fine, 1 bad, 2 usage or configuration."""
    if is_vietnamese():
        run_in_vietnamese(app)
    app()
