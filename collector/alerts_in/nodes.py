"""The nodes of what is not enrolled: a host that only sources outside know hangs under its unit."""

from __future__ import annotations

from collector.targets.targets import unit_node

_BEYOND = "outside:"


def node_of_outside(agent: str, unit: str, host: str) -> str:
    """Return the node of what an alert from outside is about, by the agent it is listed under."""
    return f"{_BEYOND}{unit}/{host}" if host and agent == unit_node(unit) else agent


def unit_of_beyond(node: str) -> str:
    """Return the unit under which a host hangs that is not enrolled; empty for any other node."""
    return node.removeprefix(_BEYOND).partition("/")[0] if node.startswith(_BEYOND) else ""
