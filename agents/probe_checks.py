"""What an agent runs over the network beside its checks, where its settings let it."""

from __future__ import annotations

import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from agents.check import Check, Observation, SourceError
from agents.credentials_file import Credentials, read_credentials
from agents.notes import Notes
from agents.planned import evaluate
from agents.probe import Means
from agents.timex import read_timex

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.host import HostSource
    from agents.probes.reach import Asked
    from agents.settings import Settings

REFLECTOR = "stamp_reflector"


def probe_checks(
    settings: Settings, asked: Asked, now: Callable[[], float], monotonic: Callable[[], float]
) -> dict[str, Check[Any]]:
    """Return what the scheduler runs beside the checks: the targets asked about, the reflector."""
    from agents.probes import reach

    checks: dict[str, Check[Any]] = {reach.NAME: reach.make(asked, monotonic)}
    if settings.stamp_listen:
        serving = ReflectorThread(settings, new_means(settings, Notes(None), now, monotonic))
        checks[REFLECTOR] = Check(REFLECTOR, 10, 5, serving.read, evaluate, most_series=4)
    return checks


def new_means(
    settings: Settings, notes: Notes, now: Callable[[], float], monotonic: Callable[[], float]
) -> Means:
    """Return what probes of this host work with."""
    file = settings.probe_credentials
    known = read_credentials(file) if file else Credentials({}, {})
    return Means(
        now,
        monotonic,
        os.urandom,
        clock_error_seconds,
        credentials=known.passwords,
        snmp_credentials=known.snmp,
        ca_file=str(settings.ca_file or ""),
        notes=notes,
    )


def clock_error_seconds() -> float | None:
    """Return how wrong the kernel thinks the clock may be; None where nothing keeps it."""
    try:
        found = read_timex()
    except OSError:
        return None
    return found.maxerror_seconds if found.is_synchronised else None


class ReflectorThread:
    """Opens the port at the first turn, and again at each turn that finds it closed."""

    def __init__(self, settings: Settings, means: Means) -> None:
        from agents.probes.stamp_reflector import Reflector

        host, _, port = settings.stamp_listen.rpartition(":")
        self._where = host.strip("[]"), int(port)
        most = settings.stamp_most_bits_per_second
        self._reflector = Reflector(settings.stamp_peers, most, means)
        self._thread: threading.Thread | None = None

    def read(self, _host: HostSource) -> list[Observation]:
        """Return what became of the packets so far.

        Raises:
            SourceError: The port cannot be had.
        """
        if self._thread is None or not self._thread.is_alive():
            self._start()
        return self._reflector.observe()

    def _start(self) -> None:
        from agents.probes.stamp_reflector import open_reflector, serve

        try:
            opened = open_reflector(*self._where)
        except OSError as error:
            raise SourceError(str(error)) from error
        # It ends with the process.
        serving = partial(serve, opened, self._reflector, lambda: False)
        self._thread = threading.Thread(target=serving, name=REFLECTOR, daemon=True)
        self._thread.start()
