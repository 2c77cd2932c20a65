"""What sessions and peak periods mean to what breaks, and to who plans maintenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.sessions import freeze as freeze
from collector.storage import sessions as store
from collector.storage.desk_store import DeskStore
from incidents.sessions.presence import Presence

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.mutes import NewMute
    from collector.targets.targets import Targets
    from incidents.desk_store import DeskTransaction
    from incidents.in_session import Around, Where
    from incidents.sessions.policy import SessionPolicy


class SessionsAround:
    """Answers by the policy and the graph in force."""

    policy: SessionPolicy
    presence: Presence

    def adopt(self, policy: SessionPolicy, targets: Targets) -> None:
        """Go by another policy, and another graph, from now on."""
        hosts = {one.name: (one.unit, one.host) for one in targets.by_name.values() if one.host}
        self.policy = policy
        self.presence = Presence(policy, targets.uplinks, hosts)

    def check_freeze(self, connection: Connection, new: NewMute, *, despite: bool) -> None:
        """Refuse maintenance that a session or a peak period stands in the way of.

        Raises:
            Refused: Naming it.
        """
        ahead = store.with_points(connection, store.open_sessions(connection))
        freeze.check(freeze.in_the_way(new, ahead, self.policy, self.presence), despite=despite)

    def around(self, connection: Connection, where: Where, now: datetime) -> Around:
        """Return the session and peak period in which something breaks."""
        return self.presence.around(store.in_the_way(connection), where, now)

    def around_of(self, tx: DeskTransaction, where: Where, now: datetime) -> Around:
        """Return the same for the desk, in its own transaction."""
        assert isinstance(tx, DeskStore)
        return self.around(tx.connection, where, now)
