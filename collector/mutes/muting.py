"""The silences and windows that hold now, for alerts as they fire; lives on the event loop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collector.alerts import Suppression
from collector.alerts_in.label_view import label_view
from collector.metrics.own import is_silence
from collector.mutes.mutes import Subject, is_active, muting
from incidents.causes import class_of
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from collector.alerts import Firing, OpenAlert
    from collector.judge import Judge
    from collector.mutes.mutes import Mute
    from collector.outages.graph import Graph
    from incidents.procedure import Procedure


class Muting:
    """What is muted now.

    Attributes:
        active: The mutes that hold, as of the last `follow`.
    """

    def __init__(self, graph: Graph, procedure: Procedure) -> None:
        self._graph = graph
        self._known: list[Mute] = []
        self.active: tuple[Mute, ...] = ()
        self.adopt(procedure)

    def adopt(self, procedure: Procedure) -> None:
        """Weigh alerts by another procedure from now on."""
        self._procedure = procedure
        self._worst = next(iter(procedure.severities))

    def load(self, mutes: Iterable[Mute]) -> None:
        """Take over what is stored; `follow` makes it hold."""
        self._known = list(mutes)

    def follow(self, now: datetime) -> list[Mute]:
        """Let time pass; return the mutes that hold now and did not before."""
        before = {mute.id for mute in self.active}
        self.active = tuple(mute for mute in self._known if is_active(mute, now, ZONE))
        return [mute for mute in self.active if mute.id not in before]

    def under(self, agent: str) -> list[str]:
        """Return an agent or node and everything that is reached through it alone."""
        return [agent, *self._graph.only_through(agent)]

    def suppression(self, change: Firing) -> Suppression | None:
        """Return what keeps an alert from being told; None: nothing does."""
        if not self.active:
            return None
        mute = muting(self.active, self._subject(change))
        return None if mute is None else Suppression(mute.kind, str(mute.id))

    def _subject(self, change: Firing) -> Subject:
        named = {mute.agent for mute in self.active if mute.agent}
        parents = {node for node in named if change.agent in self._graph.only_through(node)}
        return Subject(
            agent=change.agent,
            unit=change.unit,
            rule=change.rule,
            parents=frozenset(parents),
            is_worst=self._severity(change) == self._worst,
            is_unreachable=is_silence(change.agent, change.metric),
            labels=label_view(change) if any(mute.matchers for mute in self.active) else {},
            source=change.source,
        )

    def _severity(self, change: Firing) -> str:
        """Return the severity that the incident of an alert would have."""
        file = self._procedure.file
        impact = change.impact
        if impact is None or impact not in file.impacts:
            impact = class_of(self._procedure, change.class_code).impact
        scope = change.scope
        if scope is None or scope not in file.scopes:
            scope = next(iter(file.scopes))
        return self._procedure.severity(impact, scope)


class MutedAlerts:
    """The firing alerts, silences of hosts and units left aside, that are muted.

    Attributes:
        said: Agent, metric and fingerprint → what a firing alert says now.
    """

    def __init__(self, judge: Judge, muting: Muting) -> None:
        self._judge, self._muting = judge, muting
        self.said: Callable[[str, str, str], Firing | None] = judge.firing_of
        self._muted: dict[str, tuple[str, str]] = {}

    def tell(self, change: Firing) -> None:
        """Pass an alert on, with what mutes it."""
        suppression = self._muting.suppression(change)
        if suppression is None:
            self._muted.pop(change.fingerprint, None)
            self._judge.pending.add(change)
        else:
            self._muted[change.fingerprint] = (change.agent, change.metric)
            self._judge.pending.add(replace(change, suppression=suppression))

    def note(self, change: Firing, why: Suppression) -> None:
        """Take note of an alert that was stored with what muted it."""
        if why.why in ("silence", "maintenance"):
            self._muted[change.fingerprint] = (change.agent, change.metric)

    def recheck(self) -> None:
        """Other mutes hold now: tell what they no longer cover."""
        for fingerprint, (agent, metric) in list(self._muted.items()):
            change = self.said(agent, metric, fingerprint)
            if change is not None:  # its series was seen since our start
                self.tell(change)

    def forget(self, fingerprint: str) -> None:
        """An alert has ended."""
        self._muted.pop(fingerprint, None)

    def restore(self, known: Iterable[tuple[str, OpenAlert, str]]) -> None:
        """Go on with what was muted when this process began."""
        for agent, alert, metric in known:
            if alert.suppression is not None and not is_silence(agent, metric):
                self._muted[alert.fingerprint] = (agent, metric)
