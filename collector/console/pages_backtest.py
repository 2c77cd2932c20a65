"""The page on which a rule is tried on the past before it is put in force."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from collector.api.backtests import MOST_HOURS, begun
from collector.api.deps import Caller, Use, oversees, whole_province
from collector.backtest_desk import MOST_CHARACTERS, Tried
from collector.console.render import language_of, page
from collector.jobs.jobs import TooManyJobsError
from collector.jobs.state import Job
from collector.rules.rule_text import first_name
from collector.services import Services
from incidents.yaml_problems import InvalidDocument, Problem

router = APIRouter(include_in_schema=False)
SPANS = (1, 3, 6, 12, 24, 48, 96, 168, 336, 744)
DEFAULT_HOURS = 24
Number = Annotated[str, Query(max_length=64)]


@router.get("/backtest", dependencies=[Depends(whole_province)])
async def backtest_page(
    request: Request,
    services: Use,
    job: Number = "",
    rule: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Show the form, and with `job` how far it is or what came of it."""
    found = services.backtests.find(job)
    text = "" if found is None else found[1].text
    if rule and found is None:
        text = await services.backtests.rule_text(rule) or ""
    return _page(request, services, found, text=text, rule=rule)


@router.post("/backtest", dependencies=[Depends(oversees("reload"))])
async def start(
    request: Request,
    services: Use,
    caller: Caller,
    rules: Annotated[str, Form(max_length=MOST_CHARACTERS)] = "",
    hours: Annotated[int, Form(ge=1, le=MOST_HOURS)] = DEFAULT_HOURS,
) -> Response:
    """Begin to try what was typed; with mistakes show it again, each with its line."""
    try:
        job = begun(services, caller, rules, hours)
    except InvalidDocument as error:
        about: dict[str, Any] = {"problems": error.problems, "hours": hours}
        return _page(request, services, None, text=rules, status=422, **about)
    except TooManyJobsError:
        why = language_of(request)("backtest.busy")
        return _page(request, services, None, text=rules, status=503, refusal=why, hours=hours)
    return RedirectResponse(f"/backtest?job={job.id}", status_code=303)


@router.post("/backtest/{number}/cancel", dependencies=[Depends(oversees("reload"))])
async def cancel(services: Use, number: str) -> Response:
    """Stop one and show the form again."""
    await services.backtests.cancel(number)
    return RedirectResponse(f"/backtest?job={number}", status_code=303)


def _page(
    request: Request,
    services: Services,
    found: tuple[Job, Tried] | None,
    *,
    text: str,
    rule: str = "",
    status: int = 200,
    problems: list[Problem] | None = None,
    refusal: str | None = None,
    hours: int = DEFAULT_HOURS,
) -> Response:
    job = None if found is None else found[0]
    desk = services.backtests
    return page(
        request,
        services,
        "backtest",
        status=status,
        job=job,
        running=job is not None and job.state in ("waiting", "running"),
        answer=None if job is None else _dated(job.result),
        text=text,
        rule=rule or first_name(text),
        rules=sorted(services.rule_names()),
        hours=hours if found is None else found[1].hours,
        spans=[span for span in SPANS if span < desk.hours] + [desk.hours],
        held_hours=desk.hours,
        problems=problems or [],
        refusal=refusal,
    )


def _dated(value: Any) -> Any:
    """Return an answer with its instants as instants again."""
    if isinstance(value, dict):
        return {name: _at(name, part) for name, part in value.items()}
    return [_dated(part) for part in value] if isinstance(value, list) else value


def _at(name: str, value: Any) -> Any:
    is_instant = isinstance(value, str) and (name in ("at", "since", "until") or name[-3:] == "_at")
    return datetime.fromisoformat(value) if is_instant else _dated(value)
