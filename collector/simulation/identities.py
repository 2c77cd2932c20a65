"""The key pair of a simulated host: it follows from the seed, so it is no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nacl.signing import SigningKey

from agents.identity import Identity, agent_id
from collector.simulation.dice import draw_bytes

if TYPE_CHECKING:
    from collector.simulation.province import SimulatedHost


def identity_of(host: SimulatedHost) -> Identity:
    """Return the key pair; anybody can make it, so it may speak for simulated units alone."""
    key = SigningKey(draw_bytes(host.seed, "key", host.name))
    public_key = bytes(key.verify_key)
    return Identity(agent_id(public_key), public_key, key)
