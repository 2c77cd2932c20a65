"""The firewall's table of connections. Source: nf_conntrack-sysctl.rst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

FILES = {
    "node_nf_conntrack_entries": "sys/net/netfilter/nf_conntrack_count",
    "node_nf_conntrack_entries_limit": "sys/net/netfilter/nf_conntrack_max",
}

Conntrack = dict[str, float]  # by metric


def read(host: HostSource) -> Conntrack:
    """Read entries and limit; absent where the kernel tracks no connections."""
    if not host.is_linux or not (host.proc / FILES["node_nf_conntrack_entries"]).exists():
        raise NoData("connections are not tracked")
    found = {metric: host.proc_text(name) for metric, name in FILES.items()}
    try:
        return {metric: float(text) for metric, text in found.items()}
    except ValueError as error:
        raise SourceError(f"/proc/sys/net/netfilter: {error}") from error


def evaluate(now: Conntrack, before: Conntrack | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield both."""
    for name, value in now.items():
        yield Observation(name, {}, value)


CHECK = Check(
    "conntrack", every_seconds=30, limit_seconds=5, read=read, evaluate=evaluate, most_series=2
)
