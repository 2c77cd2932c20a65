"""What the benchmark of SNMP measures: this agent's scheduler, probe and reports, and no more.

Reads a plan from the file it is given, turns every 10 s as an agent does, packs what it found as a
report, and prints one line of JSON a turn: how many polls were right, how many samples. A third of
the plan begins each minute, since finding out what devices are is more work for the simulators
than asking them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from agents.agent import MAX_PATIENCE_SECONDS
from agents.answer import Answer
from agents.plan import Plan
from agents.planned import PlannedProbes
from agents.probe import Means
from agents.probe_plan import ProbePlan, read_plan
from agents.report import MAX_SAMPLES, Report, Sample, pack
from agents.scheduler import Scheduler
from agents.snmp import engine
from agents.snmp.credential import Community
from benchmarks.snmp_devices import KINDS

TURN_SECONDS, TURNS_PER_MINUTE, PARTS = 10.0, 6, 3


def main(file: str, *, has_gufo: bool) -> None:
    """Follow the plan until ended."""
    if not has_gufo:
        engine.find_spec = lambda name: None if name == "gufo" else find_spec(name)  # type: ignore[attr-defined]
    plan = read_plan(json.loads(Path(file).read_text(encoding="utf-8")))
    assert plan is not None
    known = {kind: Community("2c", kind) for kind in KINDS}
    means = Means(time.time, time.monotonic, os.urandom, snmp_credentials=known)
    scheduler = Scheduler(
        {}, (), Plan(TURN_SECONDS, {}), None, now=time.time, monotonic=time.monotonic
    )  # type: ignore[arg-type]  # no check of this host is run
    parts = [
        ProbePlan(str(part), plan.asks[: len(plan.asks) * part // PARTS])
        for part in range(1, PARTS + 1)
    ]
    followed = parts[0]
    probes = PlannedProbes(lambda: followed, ["127.0.0.0/8"], means)
    number, next_at, turn = 0, time.monotonic(), 0
    while True:
        followed = parts[min(turn // TURNS_PER_MINUTE, PARTS - 1)]
        probes.follow(scheduler)
        assert not probes.refused, probes.refused
        turn, next_at = turn + 1, next_at + TURN_SECONDS
        samples = scheduler.turn(MAX_PATIENCE_SECONDS)
        for start in range(0, len(samples), MAX_SAMPLES):
            number += 1
            packed(number, samples[start : start + MAX_SAMPLES])
        print(json.dumps(said(samples)), flush=True)
        time.sleep(max(0.0, next_at - time.monotonic()))


def packed(number: int, samples: list[Sample]) -> bytes:
    """Return a report as it is sent."""
    return pack(Report("benchmark", "boot", number, 1, "state", time.time(), samples, [], {}))


def said(samples: list[Sample]) -> dict[str, float]:
    """Return what one turn found."""
    codes = [one.value for one in samples if one.name == "wanwatch_probe_answer_code"]
    return {"polls": len(codes), "right": codes.count(Answer.RIGHT), "samples": len(samples)}


if __name__ == "__main__":
    main(sys.argv[1], has_gufo="--pysnmp" not in sys.argv)
