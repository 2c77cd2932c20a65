"""The latest samples at `/metrics`, for a Prometheus on the host; only where it is asked for."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.check import Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from agents.report import Sample

INFO = "wanwatch_agent_exposition_info"
WILDCARDS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - only compared with
# No packet goes there: the system only says which of its addresses it would use.
# Source: RFC 5737.
ANYWHERE = ("192.0.2.1", 9)
KEPT_SECONDS = 300.0  # Prometheus takes a series for gone after this long: its lookback


class Kind(NamedTuple):
    """How a metric is exposed: the family's name and its type."""

    family: str
    type: str


def kind(name: str) -> Kind:
    """Return family and type by what the name ends in."""
    if name.endswith("_total"):
        return Kind(name.removesuffix("_total"), "counter")
    return Kind(name, "gauge")


class Exposition:
    """Keeps the latest sample of each series and gives them to prometheus_client.

    Args:
        now: Unix time in seconds.
    """

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._latest: dict[tuple[str, tuple[tuple[str, str], ...]], Sample] = {}

    def update(self, samples: Iterable[Sample]) -> None:
        """Take a turn's samples; those that nobody renewed for five minutes go."""
        oldest = self._now() - KEPT_SECONDS
        with self._lock:
            for sample in samples:
                self._latest[sample.name, tuple(sorted(sample.labels.items()))] = sample
            self._latest = {key: s for key, s in self._latest.items() if s.at >= oldest}

    def collect(self) -> Iterator[Any]:
        """Yield the families; called by prometheus_client in the server's thread."""
        from prometheus_client.core import Metric

        with self._lock:
            latest = sorted(self._latest.items())
        families: dict[Kind, Metric] = {}
        for (name, labels), sample in latest:
            found = kind(name)
            if found not in families:
                help_text = f"{name} as wanwatch-agent read it."
                families[found] = Metric(found.family, help_text, found.type)
            families[found].add_sample(name, dict(labels), sample.value)
        yield from families.values()


def told(listen: str) -> Callable[[], Sequence[Observation]]:
    """Return what says to the collector where `/metrics` is, asked anew as addresses may change.

    Args:
        listen: HOST:PORT; for every address of the host the one that it uses towards others.
            Empty: nowhere.
    """
    if not listen:
        return tuple
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")

    def observations() -> list[Observation]:
        at = host if host not in WILDCARDS else own_address() or socket.gethostname()
        shown = f"[{at}]:{port}" if ":" in at else f"{at}:{port}"
        return [Observation(INFO, {"address": shown}, 1)]

    return observations


def own_address() -> str:
    """Return the address that this host uses towards others; empty without a way to any."""
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as asked:
        asked.connect(ANYWHERE)
        return str(asked.getsockname()[0])
    return ""


def serve(exposition: Exposition, listen: str) -> Callable[[], None]:
    """Serve until the returned call.

    Args:
        listen: HOST:PORT.

    Raises:
        OSError: The port is taken, or prometheus_client is not installed.
    """
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ImportError as error:
        need = "setting 'metrics_listen' needs prometheus-client: install wanwatch[metrics]"
        raise OSError(need) from error
    registry = CollectorRegistry(auto_describe=False)
    registry.register(exposition)
    host, _, port = listen.rpartition(":")
    server, _ = start_http_server(int(port), addr=host.strip("[]"), registry=registry)
    return server.shutdown
