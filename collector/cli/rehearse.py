"""`wanwatch rehearse`: what your rules would have made of a usual fortnight."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import Progress

from collector.cli.client import AsJson
from collector.cli.output import fail
from collector.cli.words import say
from collector.policy import policy as policies
from collector.simulation import enrolment
from collector.simulation.diary import as_json as diary_as_json
from collector.simulation.diary import found_table
from collector.simulation.province import make_province
from collector.simulation.rehearsal import Result, rehearse_days
from collector.simulation.usual import serious_troubles, usual_troubles
from collector.starter import StartError
from incidents.yaml_problems import InvalidDocument

FEWEST_HOSTS = 600  # with fewer, not every serious trouble has somebody to strike


def rehearse(
    policy: Annotated[
        Path | None, typer.Option(help="Policy directory to try; its units are left aside.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=60, help="From a Monday on.")] = 14,
    agents: Annotated[int, typer.Option(min=FEWEST_HOSTS, help="How many hosts.")] = 5_000,
    units: Annotated[int, typer.Option(min=20, help="How many units, at most 600.")] = 150,
    seed: Annotated[int, typer.Option(help="The same seed gives the same days.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Rehearse days of a simulated province; exit code 1 when something serious was missed."""
    with tempfile.TemporaryDirectory(prefix="wanwatch-") as name:
        try:
            province = make_province(seed, units=units, hosts=agents)
            enrolment.copy_policy(policy, Path(name) / "policy", province)
            chosen = policies.load(Path(name) / "policy")
        except (OSError, ValueError, StartError) as error:
            fail(str(error), code=2)
        except InvalidDocument as error:
            fail(say("the policy has mistakes:\n{error}", error=error), code=2)
        troubles = usual_troubles(province, days) + serious_troubles(province)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(f"{days} days of {agents} hosts", total=days)
            result: Result = asyncio.Runner(loop_factory=uvloop.new_event_loop).run(
                rehearse_days(
                    province,
                    troubles,
                    chosen,
                    Path(name),
                    days=days,
                    told=lambda day: progress.update(task, completed=day),
                )
            )
    if as_json:
        typer.echo(json.dumps(diary_as_json(result.diary, result.found), indent=2))
    else:
        typer.echo(result.diary.table())
        typer.echo(found_table(result.found))
    if any(item.seconds is None for item in result.found):
        raise typer.Exit(1)
