"""After a start: the silences that were open in the tables, and what they say of units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.fleet import OWN_AGENT
from collector.metrics.own import (
    UNIT_CUT_HOSTS,
    UNIT_SILENT_HOSTS,
    is_silence,
)
from collector.outages.silence_index import Silence, node_of, silence_of
from collector.outages.topology import MASS_NODE, UNIT_PREFIX, Why
from collector.rollup import UnitState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collector.alerts import Firing, OpenAlert, Suppression
    from collector.outages.mass_watch import MassWatch
    from collector.outages.silence_index import SilenceIndex
    from collector.outages.unit_watch import UnitWatch


def restore_silences(
    index: SilenceIndex,
    units: UnitWatch,
    everybody: MassWatch,
    known: Sequence[tuple[str, OpenAlert, str]],
    now: datetime,
) -> None:
    """Take over open alerts, each with its agent and what its rule looks at."""
    _restore_index(index, known)
    for silence in index:
        code = silence.node.removeprefix(UNIT_PREFIX)
        children = [child.agent for child in index.under(silence.node)]
        if silence.metric == UNIT_CUT_HOSTS:
            units.restore(code, UnitState.CUT, silence.started_at, ())
        elif silence.metric == UNIT_SILENT_HOSTS:
            units.restore(code, UnitState.PARTLY, silence.started_at, children)
    own = [metric for agent, _, metric in known if agent == OWN_AGENT]
    everybody.restore(own, [child.agent for child in index.under(MASS_NODE)], now)


def restore_outside(
    index: SilenceIndex, known: Iterable[tuple[Firing, Suppression | None]]
) -> list[Silence]:
    """Take over open alerts from outside, each with why it is not told; return those of silence."""
    found = []
    for change, why in known:
        if is_silence(change.agent, change.metric):
            silence = silence_of(change)
            silence.change, silence.suppression, silence.is_told = None, why, why is None
            index.add(silence)
            found.append(silence)
    for silence in found:
        why = silence.suppression
        root = index.get(why.by) if why is not None and why.why == Why.PARENT.value else None
        if root is not None:
            index.put_under(silence, root.node)
    return found


def _restore_index(index: SilenceIndex, known: Iterable[tuple[str, OpenAlert, str]]) -> None:
    silences = [
        (agent, alert, metric) for agent, alert, metric in known if is_silence(agent, metric)
    ]
    nodes = {alert.fingerprint: node_of(agent, metric) for agent, alert, metric in silences}
    for agent, alert, metric in silences:
        why = alert.suppression
        is_child = why is not None and why.why == Why.PARENT.value
        index.add(
            Silence(
                fingerprint=alert.fingerprint,
                metric=metric,
                agent=agent,
                node=node_of(agent, metric),
                started_at=alert.started_at,
                since=alert.started_at,
                suppression=why,
                root=nodes.get(why.by, "") if why is not None and is_child else "",
                is_told=why is None,
            )
        )
