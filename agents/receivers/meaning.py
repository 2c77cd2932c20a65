"""What a notification of a device means, and which one ends what another one began."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agents.receivers.notification import Notification

MOST_OPEN = 500
MOST_TEXT_CHARACTERS = 300
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]+")


class Phase(StrEnum):
    """Whether something began, ended, or just was."""

    PROBLEM = "problem"
    RESOLUTION = "resolution"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one notification means.

    Attributes:
        kind: What it is about, such as `link`; a problem and its resolution have the same.
        phase: Which of the two it is.
        key: Which of several of this kind, such as the number of an interface.
        labels: What is known of it in few words.
        detail: The device's own words, one line.
    """

    kind: str
    phase: Phase
    key: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Traps:
    """One file of `agents/receivers/traps` has one of these, called TRAPS.

    Attributes:
        roots: OIDs under which its notifications lie; a notification's own OID is one, too.
        read: Pure; None for one under these roots that it does not know.
    """

    name: str
    roots: tuple[str, ...]
    read: Callable[[Notification], Meaning | None]


def meaning_of(said: Notification, known: Iterable[Traps]) -> Meaning | None:
    """Return what the first kind of traps that knows a notification says; None: nobody does."""
    for traps in known:
        if any(said.kind == root or said.kind.startswith(f"{root}.") for root in traps.roots):
            found = traps.read(said)
            if found is not None:
                return found
    return None


class Values:
    """The variables of a notification, found by the beginning of their OID."""

    def __init__(self, said: Notification) -> None:
        self._said = said

    def under(self, root: str) -> tuple[str, object]:
        """Return what stands behind `root` in the first such variable's OID, and its value."""
        for one in self._said.varbinds:
            if one.oid == root or one.oid.startswith(f"{root}."):
                return one.oid[len(root) + 1 :], one.value
        return "", None

    def number(self, *roots: str) -> int | None:
        """Return a number."""
        for root in roots:
            value = self.under(root)[1]
            if isinstance(value, int):
                return value
        return None

    def text(self, *roots: str) -> str:
        """Return a text in one line; empty where there is none."""
        for root in roots:
            value = self.under(root)[1]
            if isinstance(value, bytes):
                return line(value.decode("utf-8", "replace"))
            if isinstance(value, str):
                return value
        return ""


def line(text: str) -> str:
    """Return a text as one line of bounded length."""
    return _CONTROLS.sub(" ", text).strip()[:MOST_TEXT_CHARACTERS]


class Open(NamedTuple):
    """Which problem of which device stands open."""

    address: str
    kind: str
    key: str


class Pairs:
    """Problems that devices told of and did not take back yet, at most `most` of them."""

    def __init__(self, most: int = MOST_OPEN) -> None:
        self._most = most
        self._since: dict[Open, float] = {}

    def __len__(self) -> int:
        return len(self._since)

    def seconds(self, address: str, meaning: Meaning, now: float) -> float | None:
        """Return for how long the problem was open that this one says again or ends, if one was.

        A problem that is told again stays as old as it is. A device that starts anew tells anew
        what is wrong: nothing of it is open then. `now` is monotonic, in seconds.
        """
        if meaning.kind == "start":
            self._since = {one: at for one, at in self._since.items() if one.address != address}
            return None
        this = Open(address, meaning.kind, meaning.key)
        since = self._since.get(this)
        if meaning.phase is Phase.PROBLEM:
            self._since.setdefault(this, now)
            while len(self._since) > self._most:
                del self._since[next(iter(self._since))]
        elif meaning.phase is Phase.RESOLUTION:
            self._since.pop(this, None)
        return None if since is None else now - since
