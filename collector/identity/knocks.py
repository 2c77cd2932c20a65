"""Who knocks at the door for reports and is not let in: a few hundred are remembered, not believed.

When there is no room, the address with the most ids makes room, by the one that knocked least:
whoever invents ids pushes out their own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_KNOCKS = 500
MAX_NEW_A_SECOND = 20
_AGENT_ID = re.compile(r"a-[0-9a-f]{16}")
NO_ID = "?"


@dataclass(slots=True)
class Knock:
    """How often one id knocked, since when, and from where last."""

    agent: str
    address: str
    first_at: datetime
    last_at: datetime
    knocks: int


class Knocks:
    """The ids that knocked, and which of them the tables do not know yet."""

    def __init__(self, known: Iterable[Knock] = ()) -> None:
        self._by_agent = {knock.agent: knock for knock in known}
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        self._second: datetime | None = None
        self._new = 0

    def __len__(self) -> int:
        return len(self._by_agent)

    def __getitem__(self, agent: str) -> Knock:
        return self._by_agent[agent]

    def note(self, agent: str, address: str, now: datetime) -> None:
        """Remember a knock; what is no id of an agent is counted under one name."""
        agent = agent if _AGENT_ID.fullmatch(agent) else NO_ID
        knock = self._by_agent.get(agent)
        if knock is None:
            if not self._may_add(now):
                return
            self._make_room()
            knock = self._by_agent[agent] = Knock(agent, address, now, now, 0)
            self._gone.discard(agent)
        knock.knocks += 1
        knock.last_at, knock.address = now, address
        self._changed.add(agent)

    def forget(self, agents: Iterable[str]) -> None:
        """Let go of ids, for example because they are enrolled now."""
        for agent in agents:
            if self._by_agent.pop(agent, None) is not None:
                self._gone.add(agent)
                self._changed.discard(agent)

    def take_changes(self) -> tuple[list[Knock], set[str]]:
        """Return what the tables do not know: as it is now, and what is gone."""
        changed = [replace(self._by_agent[agent]) for agent in self._changed]
        gone, self._changed, self._gone = self._gone, set(), set()
        return changed, gone

    def put_back(self, changed: Iterable[Knock], gone: Iterable[str]) -> None:
        """Say that the tables did not take what was taken for them."""
        self._changed |= {knock.agent for knock in changed} & self._by_agent.keys()
        self._gone |= set(gone) - self._by_agent.keys()

    def _may_add(self, now: datetime) -> bool:
        """Bound the work that invented ids cause."""
        second = now.replace(microsecond=0)
        if second != self._second:
            self._second, self._new = second, 0
        self._new += 1
        return self._new <= MAX_NEW_A_SECOND

    def _make_room(self) -> None:
        if len(self._by_agent) < MAX_KNOCKS:
            return
        addresses = Counter(knock.address for knock in self._by_agent.values())
        [(crowded, _)] = addresses.most_common(1)
        crowd = (knock for knock in self._by_agent.values() if knock.address == crowded)
        self.forget([min(crowd, key=lambda knock: (knock.knocks, knock.last_at)).agent])
