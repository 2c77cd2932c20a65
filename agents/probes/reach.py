"""Whether devices answer from where this agent stands: an ICMP echo, or a TCP connection.

The collector names the devices in its answers; addresses outside of the networks that this agent's
own settings allow are refused, whoever asks. A refused connection is an answer, too.

Sources: RFC 792 (echo, type 8), RFC 4443 section 4.1 (type 128).
"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.check import Check, Observation
from agents.probe import TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from agents.host import HostSource

NAME = "reach"
MOST_TARGETS = 32
ATTEMPTS, ATTEMPT_SECONDS = 3, 1.0
ECHO_REQUEST, ECHO_REQUEST_6 = 8, 128
# Somebody on the way, or our own system, says that there is no way to it.
_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN})


class Target(NamedTuple):
    """A device: how the collector calls it, its address, and its TCP port or 0 for an echo."""

    name: str
    address: str
    port: int


class Reached(NamedTuple):
    """What came of one target.

    Attributes:
        seconds: Until it answered; None: it did not.
        refused: It lies outside of the networks that are allowed.
        unknown: This system does not let us ask; that says nothing about the target.
    """

    target: Target
    seconds: float | None = None
    refused: bool = False
    unknown: bool = False


class Asked:
    """What the collector wants to know; the sender's thread writes it, the probe's reads it."""

    def __init__(self, networks: Sequence[str]) -> None:
        """Keep the networks that may be asked.

        Raises:
            ValueError: One of them is no network.
        """
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(text) for text in networks]
        self.targets: tuple[Target, ...] = ()

    def heard(self, body: Mapping[str, Any] | None) -> None:
        """Take over the targets of a 202; one that names none asks for nothing any more."""
        if body is None or "state" not in body:
            return
        given = body.get("targets")
        found = [_target(item) for item in given] if isinstance(given, list) else []
        self.targets = tuple(target for target in found if target is not None)[:MOST_TARGETS]

    def is_allowed(self, target: Target) -> bool:
        """Say whether a target lies in a network that may be asked."""
        address = ip_address(target.address)
        return any(address in network for network in self._networks)


def make(asked: Asked, monotonic: Callable[[], float]) -> Check[list[Reached]]:
    """Return what the scheduler runs."""

    def read(_host: HostSource) -> list[Reached]:
        targets = asked.targets
        allowed = [target for target in targets if asked.is_allowed(target)]
        refused = [Reached(target, refused=True) for target in targets if target not in allowed]
        return [*reach(allowed, monotonic), *refused]

    return Check(
        NAME,
        every_seconds=10,
        limit_seconds=ATTEMPTS * ATTEMPT_SECONDS + 2,
        read=read,
        evaluate=evaluate,
        most_series=2 * MOST_TARGETS,
    )


def evaluate(now: list[Reached], before: list[Reached] | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield whether each target answers and how fast; nothing of one that cannot be asked."""
    for one in now:
        labels = {"target": one.target.name}
        if one.refused:
            yield Observation("wanwatch_probe_refused", labels, 1)
        elif not one.unknown:
            yield Observation("wanwatch_probe_up", labels, int(one.seconds is not None))
            if one.seconds is not None:
                yield Observation("wanwatch_probe_rtt_seconds", labels, round(one.seconds, 5))


def reach(
    targets: Sequence[Target],
    monotonic: Callable[[], float],
    *,
    attempts: int = ATTEMPTS,
    attempt_seconds: float = ATTEMPT_SECONDS,
) -> list[Reached]:
    """Ask all targets at once, and again those that did not answer."""
    found: dict[Target, Reached] = {}
    for attempt in range(attempts):
        left = [target for target in targets if target not in found]
        if left:
            found.update(_round(left, attempt, monotonic, attempt_seconds))
    return [found.get(target, Reached(target)) for target in targets]


def _round(
    targets: Sequence[Target], attempt: int, monotonic: Callable[[], float], seconds: float
) -> dict[Target, Reached]:
    """Return the targets that answered in time, or of which it is known that nobody can ask."""
    found: dict[Target, Reached] = {}
    with selectors.DefaultSelector() as selector:
        try:
            started_at = monotonic()
            for target in targets:
                try:
                    asking, event = _ask(target, attempt)
                except OSError as error:
                    if error.errno not in _UNREACHABLE:
                        found[target] = Reached(target, unknown=True)
                    continue
                selector.register(asking, event, target)
            while selector.get_map() and (left := started_at + seconds - monotonic()) > 0:
                for key, _ in selector.select(left):
                    selector.unregister(key.fileobj)
                    outcome = _answer(key.fileobj, key.data, monotonic() - started_at)
                    if outcome is not None:
                        found[key.data] = outcome
        finally:
            for key in list(selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
    return found


def _ask(target: Target, attempt: int) -> tuple[socket.socket, int]:
    """Send the question; return the socket and what to wait for on it."""
    is_new = ":" in target.address
    family = socket.AF_INET6 if is_new else socket.AF_INET
    if target.port:
        asking = socket.socket(family, socket.SOCK_STREAM)
        asking.setblocking(False)
        asking.connect_ex((target.address, target.port))
        return asking, selectors.EVENT_WRITE
    protocol = socket.IPPROTO_ICMPV6 if is_new else socket.IPPROTO_ICMP
    asking = socket.socket(family, socket.SOCK_DGRAM, protocol)
    try:
        asking.setblocking(False)
        asking.connect((target.address, 0))
        # The system fills in identifier and checksum of such a socket.
        kind = ECHO_REQUEST_6 if is_new else ECHO_REQUEST
        asking.send(struct.pack("!BBHHH", kind, 0, 0, 0, attempt + 1) + b"wanwatch")
    except OSError:
        asking.close()
        raise
    return asking, selectors.EVENT_READ


def _answer(asking: Any, target: Target, seconds: float) -> Reached | None:
    """Return what an answer says; None: that there is no way to it."""
    with asking:
        try:
            number = asking.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number and not (target.port and number == errno.ECONNREFUSED):
                raise OSError(number, "")
            if not target.port:
                asking.recv(256)
        except OSError as error:
            return None if error.errno in _UNREACHABLE else Reached(target, unknown=True)
    return Reached(target, seconds)


def _target(item: object) -> Target | None:
    """Return a target of an answer; anything but name, IP address and port is ignored."""
    if not isinstance(item, dict):
        return None
    name, address, port = item.get("name"), item.get("address"), item.get("port", 0)
    if not isinstance(name, str) or not TARGET.fullmatch(name) or type(port) is not int:
        return None
    if not isinstance(address, str):
        return None
    try:
        return Target(name, str(ip_address(address)), port) if 0 <= port <= 65_535 else None
    except ValueError:
        return None
