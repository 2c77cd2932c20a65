"""What a channel is: its settings, whether it leaves the network, and how it sends once.

One file of `incidents/channels` ends in one `ChannelKind` at module level; the scanner finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeVar

from incidents.policy_parts import Line
from incidents.procedure_parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidents.outbox import Message

# Public: what is sent travels where strangers may read it, and says what strangers may know.
Reach = Literal["inside", "public"]
INSIDE: Reach = "inside"
PUBLIC: Reach = "public"


class ChannelSettings(Part):
    """What `channels.yaml` says of one channel; each kind adds its own.

    Attributes:
        quiet: At night what wakes nobody waits for the digest; false for a program that listens.
        test_to: Where its daily test goes; empty: to itself, where it can.
    """

    kind: str
    reach: Reach = INSIDE
    quiet: bool = True
    test_to: Line = ""

    @property
    def waits_for_findings(self) -> bool:
        """Say whether a first page waits a few seconds for what is found out meanwhile.

        A telephone rings once and is read once; a screen and a mail can be followed up.
        """
        return False

    @property
    def test_comes_back(self) -> bool:
        """Say whether the daily test has gone through only when it has come in again."""
        return False

    def tested_at(self) -> str | None:
        """Return the address of the daily test; None: nobody has said, and it has none itself."""
        return self.test_to if self.test_to or self.problem_of("") is None else None

    def problem_of(self, address: str) -> tuple[str, str] | None:
        """Say in English and Vietnamese why a recipient's address is none for this channel."""
        del address
        return None


class Channel(Protocol):
    """Sends once and raises; whether again would help is in the error.

    Attributes:
        reach: Whether what it sends leaves the network.
        limit_seconds: It gives up by itself within this time.
        at_once: How many messages it takes at the same time.
    """

    @property
    def reach(self) -> Reach:
        """Return whether what it sends leaves the network."""

    @property
    def limit_seconds(self) -> float:
        """Return the time within which it gives up by itself."""

    @property
    def at_once(self) -> int:
        """Return how many messages it takes at the same time."""

    async def send(self, message: Message) -> str:
        """Hand one message over; return the receiver's receipt, or nothing where it gives none.

        Raises:
            DeliveryError: It was not, or perhaps not, accepted.
        """


class Means(NamedTuple):
    """What channels are built with.

    Attributes:
        read_secret: Returns what a secret's file holds; may raise to stop the start.
        client: An `httpx.AsyncClient` for every channel that speaks HTTP; its owner closes it.
    """

    read_secret: Callable[[str], str]
    client: Any

    def secret(self, path: str) -> str:
        """Return the secret in a file; nothing where none is named."""
        return self.read_secret(path) if path else ""


Settings = TypeVar("Settings", bound=ChannelSettings)


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One kind of channel.

    Attributes:
        settings: What `channels.yaml` may say of it; its `kind` is a literal.
        build: Makes the channel of its settings.
    """

    settings: type[ChannelSettings]
    build: Callable[[Any, Means], Channel]

    @property
    def name(self) -> str:
        """Return what `kind` says in `channels.yaml`."""
        (name,) = self.settings.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
        return str(name)
