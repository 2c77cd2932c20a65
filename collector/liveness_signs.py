"""What the rules are told when the liveness of a host becomes another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.liveness import MISSED, Liveness
from collector.metrics.own import AGENT_LOST, AGENT_STOPPED, AGENT_UP

if TYPE_CHECKING:
    from datetime import datetime

    from collector.fleet import Host
    from collector.judge import Judge


def tell_liveness(judge: Judge, host: Host, now: datetime) -> None:
    """Feed what follows for alerts; silence alone only of a host that must always be on."""
    answer = host.liveness
    if answer is Liveness.ON_TIME or (answer in MISSED and host.is_always):
        judge.feed(host, AGENT_UP, float(answer is Liveness.ON_TIME), now)
    elif answer in MISSED or answer in (Liveness.OFF_HOURS, Liveness.STOPPED):
        judge.expect_no_longer(host, now)
    if host.is_always:
        _feed_sign(judge, host, AGENT_STOPPED, answer is Liveness.STOPPED, now)
    else:
        _feed_sign(judge, host, AGENT_LOST, answer is Liveness.LOST, now)


def _feed_sign(judge: Judge, host: Host, name: str, is_on: bool, now: datetime) -> None:
    """Feed a sign that most hosts never give; its end only where it was given."""
    rules = {rule.name for rule in judge.rulebook.by_metric.get(name, ())}
    is_open = any(alert.rule in rules for alert in host.open_alerts.values())
    if is_on or is_open or judge.fleet.identities.named(name) in host.series:
        judge.feed(host, name, float(is_on), now)
