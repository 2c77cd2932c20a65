"""Other incidents, who may read, and what left the house."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from incidents.folds.opening import optional
from incidents.state import Kind
from incidents.timeline import instant
from incidents.work import Link, Share

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _working(incident: Incident, **changes: Any) -> Incident:
    return replace(incident, work=replace(incident.work, **changes))


def _with_link(incident: Incident, link: Link) -> Incident:
    others = tuple(known for known in incident.work.links if known.code != link.code)
    return _working(incident, links=(*others, link))


def _linked(incident: Incident, entry: Entry) -> Incident:
    return _with_link(incident, Link(entry.data["other"], entry.data["relation"]))


def _moved(incident: Incident, entry: Entry) -> Incident:
    """A duplicate went into its parent; opened again it stands on its own."""
    data = entry.data
    if "parent" in data:
        return _with_link(incident, Link(data["parent"], "parent"))
    alone = tuple(
        replace(link, relation="related") if link.relation == "parent" else link
        for link in incident.work.links
    )
    return _working(incident, links=alone)


def _merged(incident: Incident, entry: Entry) -> Incident:
    """The child's alerts and units go on here."""
    data = entry.data
    alerts = frozenset(data["alerts"])
    new_units = tuple(unit for unit in data["units"] if unit not in incident.units)
    merged = replace(
        incident,
        open_alerts=incident.open_alerts | alerts,
        units=(*incident.units, *new_units),
        recovered_at=None if alerts else incident.recovered_at,
    )
    return _with_link(merged, Link(data["child"], "child"))


def _visibility_changed(incident: Incident, entry: Entry) -> Incident:
    return _working(incident, readers=tuple(entry.data["readers"]))


def _shared(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    share = Share(data["share"], entry.seq, tuple(data["fields"]), data["sha256"], entry.at)
    return _working(incident, shares=(*incident.work.shares, share))


def _share_received(incident: Incident, entry: Entry) -> Incident:
    return _working(
        incident,
        shares=tuple(
            replace(share, received_at=instant(entry.data["at"]))
            if share.number == entry.data["share"]
            else share
            for share in incident.work.shares
        ),
    )


def _replayed(incident: Incident, entry: Entry) -> Incident:
    """A step of a drill says when the next one is due."""
    step, replay = entry.data.get("replay"), incident.work.replay
    if step is None or replay is None:
        return incident
    after = replace(replay, done=replay.done + 1, next_at=optional(step["next_at"]))
    return _working(incident, replay=after)


CHANGES: dict[str, Change] = {
    Kind.LINKED: _linked,
    Kind.MOVED: _moved,
    Kind.REOPENED: _moved,
    Kind.MERGED: _merged,
    Kind.VISIBILITY_CHANGED: _visibility_changed,
    Kind.SHARED: _shared,
    Kind.SHARE_RECEIVED: _share_received,
    Kind.ALERT_JOINED: _replayed,
    Kind.FIRED_AGAIN: _replayed,
    Kind.ALERT_RECOVERED: _replayed,
    Kind.RECOVERED: _replayed,
    Kind.SEVERITY_CHANGED: _replayed,
}
