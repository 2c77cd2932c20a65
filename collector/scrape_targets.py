"""Which agents a Prometheus may scrape, with the labels that their samples have otherwise, too."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from agents.exposition import INFO
from collector.forward.labels import HOST_JOB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.services import HostState
    from incidents.actor import Viewer

META = "__meta_wanwatch_"


@dataclass(frozen=True, slots=True)
class ScrapeGroup:
    """One target; the field names are Prometheus'."""

    targets: list[str]
    labels: dict[str, str]


def scrape_groups(hosts: Iterable[HostState], viewer: Viewer) -> Iterator[ScrapeGroup]:
    """Yield a group for each approved host that serves `/metrics` to others.

    `unit`, `host`, `instance` and `job` are what remote write says of the same host, so that both
    ways lead to the same series; `__meta_…` are for relabelling and go with it.
    """
    for host in hosts:
        if host.is_approved and viewer.sees(host.unit) and (address := address_of(host)):
            labels = {
                "instance": f"{host.unit}/{host.host}",
                "job": HOST_JOB,
                "unit": host.unit,
                "host": host.host,
                f"{META}kind": host.kind,
                f"{META}liveness": str(host.liveness.value),
            }
            yield ScrapeGroup([address], labels)


def address_of(host: HostState) -> str:
    """Return where others reach the `/metrics` of a host; empty where they cannot."""
    told = [(one.at, dict(labels).get("address", "")) for labels, one in host.latest_of(INFO)]
    address = max(told, default=(None, ""))[1]
    return "" if _is_own(address) else address


def _is_own(address: str) -> bool:
    """Say whether only the host itself gets there."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")
