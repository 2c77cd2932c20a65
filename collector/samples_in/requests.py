"""One request of a source → the samples of each host in it, as its report will hold them."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import cramjam
import msgspec

from collector.samples_in.derive import HostFigures, is_input
from collector.samples_in.naming import Named, is_sign_of_life, named
from collector.samples_in.protobuf import Malformed, read_labels, read_request
from collector.wire_json import RejectedReport, check_labels

if TYPE_CHECKING:
    from collector.samples_in.derive import Derived

MAX_UNPACKED_BYTES = 8 << 20
MAX_KNOWN_SERIES = 200_000
MAX_HOSTS_OF_FIGURES = 5_000
_encode = msgspec.json.Encoder().encode


class Row(NamedTuple):
    """A sample as it stands in a report; `at` is Unix seconds."""

    name: str
    labels: msgspec.Raw
    value: float
    at: float


class Taken(NamedTuple):
    """What a request holds.

    Attributes:
        hosts: The samples of each host that answered, in the order of their instants.
        refused: How many samples were not taken, by why.
    """

    hosts: dict[str, list[Row]]
    refused: Counter[str]


class _Known(NamedTuple):
    named: Named
    raw: msgspec.Raw
    is_input: bool


class RequestReader:
    """Reads the requests of one source; used by one thread at a time.

    Args:
        own_host: What a host is called that only says that it is itself: `localhost`.
    """

    def __init__(self, own_host: str) -> None:
        self._own_host = own_host
        self._known: dict[bytes, _Known] = {}
        self._figures: dict[str, HostFigures] = {}

    def read(self, body: bytes) -> Taken:
        """Return the samples in a request.

        Raises:
            Malformed: It is no request, or more than one may hold.
        """
        hosts: dict[str, list[Row]] = {}
        alive: set[str] = set()
        refused: Counter[str] = Counter()
        for labels, samples in read_request(unpack(body), self._known):
            known = self._known.get(labels) or self._learn(labels)
            one = known.named
            if one.refused:
                refused[one.refused] += len(samples)
                continue
            rows = hosts.setdefault(one.host, [])
            for value, millis in samples:
                if not math.isfinite(value) or millis <= 0:
                    refused["no_value"] += 1  # a series that has gone, mostly
                    continue
                ours = one.offset + one.scale * value
                rows.append(Row(one.name, known.raw, ours, millis / 1000))
                if one.host not in alive and is_sign_of_life(one.name, value):
                    alive.add(one.host)
                if known.is_input:
                    derived = self._figures_of(one.host).note(one.name, one.labels, ours, millis)
                    rows += map(_row, derived)
        for host in hosts.keys() - alive:
            refused["no_answer"] += len(hosts.pop(host))
        for rows in hosts.values():
            rows.sort(key=lambda row: row.at)
        return Taken(hosts, refused)

    def _learn(self, labels: bytes) -> _Known:
        found = named(read_labels(labels), self._own_host)
        if not found.refused:
            try:
                check_labels(dict(found.labels), "labels")
            except RejectedReport:
                found = Named(refused="labels")
        raw = msgspec.Raw(_encode(dict(found.labels)))
        if len(self._known) >= MAX_KNOWN_SERIES:
            self._known.clear()
        known = self._known[labels] = _Known(found, raw, is_input(found.name))
        return known

    def _figures_of(self, host: str) -> HostFigures:
        found = self._figures.get(host)
        if found is None:
            if len(self._figures) >= MAX_HOSTS_OF_FIGURES:
                self._figures.clear()
            found = self._figures[host] = HostFigures()
        return found


def unpack(body: bytes) -> bytes:
    """Return what a body in snappy's block format holds; its head says how long that is.

    Raises:
        Malformed: It is none, or longer than a request may be.
    """
    try:
        length = cramjam.snappy.decompress_raw_len(body)
    except cramjam.DecompressionError as error:
        raise Malformed(f"the body is not in snappy's block format: {error}") from None
    if length > MAX_UNPACKED_BYTES:
        raise Malformed(f"{length} bytes unpacked; at most {MAX_UNPACKED_BYTES}: send smaller ones")
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise Malformed(f"the body is not in snappy's block format: {error}") from None


def _row(one: Derived) -> Row:
    return Row(one.name, msgspec.Raw(_encode(dict(one.labels))), one.value, one.at_ms / 1000)
