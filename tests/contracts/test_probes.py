"""What every probe promises: an answer for whatever comes back, in time, under documented names."""

from __future__ import annotations

import importlib
import pkgutil
import re
import socket
import struct
import threading
import time
from contextlib import AbstractContextManager, contextmanager
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import probes
from agents.answer import Answer
from agents.check import SourceError
from agents.notes import Notes
from agents.probe import COMMON, Probe, ask
from agents.snmp.scan import known_families
from tests.certificates import serving
from tests.devices.cisco import CiscoCodec, Expressway
from tests.devices.codian import CodianMcu
from tests.devices.huawei import HuaweiTe
from tests.devices.poly import PolyStudio, PolyTrio
from tests.devices.server import Device, device_server
from tests.integration.probes.test_sip import reply
from tests.integration.probes.test_stamp import reflecting
from tests.probe_means import CREDENTIALS, MEANS
from tests.probe_servers import (
    LOOPBACK,
    Says,
    Talks,
    drip,
    hold,
    nobody,
    say,
    tcp_server,
    udp_server,
)
from tests.snmp_servers import V2, answer_to, is_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agents.check import Observation
    from agents.probe import Means

DOCUMENT = Path(__file__).parents[2] / "docs" / "probes.md"
# Files beside the probes: bytes, figures and pacing, and the question that the collector names.
PARTS = {
    "cisco_status", "codian_state", "datagrams", "dns_message", "emodel", "jitter", "ntp_packet",
    "pace", "page", "poly_state", "ras_message", "reach", "sip_message", "stamp_packet",
    "stamp_path", "stamp_reflector", "stamp_sender", "stamp_stream", "trace_error",
}  # fmt: skip
MODULES = [info.name for info in pkgutil.iter_modules(probes.__path__)]
PROBES: dict[str, Probe[Any]] = {
    name: importlib.import_module(f"agents.probes.{name}").PROBE
    for name in MODULES
    if name not in PARTS
}
SECONDS = 0.3
OWN_NAME = re.compile(r"wanwatch_[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Numbers without a unit, as the protocol itself has them.
UNITLESS = re.compile(
    r"_(alive|code|stratum|dscp|mos|r_factor|version|trusted|matches|self_issued"
    r"|registered|standby|muted|up|encrypted|let_in)$"
)
UNIT = re.compile(
    r"_(seconds|bytes|ratio|packets|records|certificates|hops|info|calls|faults|pixels"
    r"|ports|conferences|participants"
    r"|bits_per_second|frames_per_second)$"
)


@dataclass
class Case:
    """How a probe is tried: over what, with which parameters, and who answers it right."""

    is_udp: bool
    right: Callable[[Path], AbstractContextManager[int]]
    params: dict[str, Any] = field(default_factory=dict)
    garbage: Answer = Answer.GARBAGE
    refused: Answer = Answer.REFUSED
    silent: Answer = Answer.SILENT
    speaks_tls: bool = False


def says(answer: Callable[[bytes], bytes]) -> Callable[[Path], AbstractContextManager[int]]:
    server: Says = lambda data: [answer(data)]  # noqa: E731
    return lambda _: udp_server(server)


def talks(talk: Talks) -> Callable[[Path], AbstractContextManager[int]]:
    return lambda _: tcp_server(talk)


def asked(make: Callable[[], Device]) -> Case:
    """A device that is asked over HTTPS."""
    given = {"credentials": CREDENTIALS}
    return Case(False, lambda path: device_server(make(), path), given, speaks_tls=True)


@contextmanager
def reflector(_: Path) -> Iterator[int]:
    with reflecting() as running:
        yield running.port


def name_server(data: bytes) -> bytes:
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x0a\x00\x00\x01"
    return data[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + data[12:] + record


def time_server(data: bytes) -> bytes:
    now = int((time.monotonic() + 1e9) * 2**32)
    head = struct.pack("!BBbbIII", 4 << 3 | 4, 2, 6, -20, 0, 655, 0)
    return head + struct.pack("!Q", now) + data[40:48] + struct.pack("!QQ", now, now)


def device(data: bytes) -> bytes:
    """A device of no known make that has nothing but its name."""
    known = {
        f"1.3.6.1.2.1.1.{number}.0": value
        for number, value in ((1, V2.OctetString("It")), (2, V2.ObjectIdentifier("1.3.6.1.4.1.5")))
    }
    none = V2.NoSuchObject("") if is_kind(data, "GetRequestPDU") else V2.EndOfMibView("")
    return answer_to(data, lambda asked: [(one, known.get(one, none)) for one in asked])


PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmail"
STREAM = {"seconds": 0.2, "wait_seconds": SECONDS, "packets_per_second": 50.0}
CASES = {
    "cisco_xapi": asked(CiscoCodec),
    "codian": asked(CodianMcu),
    "dns": Case(True, says(name_server), {"name": "mail.vn"}),
    "expressway": asked(Expressway),
    "h323": Case(False, talks(hold), garbage=Answer.RIGHT, silent=Answer.RIGHT),
    "http": Case(False, talks(say(PAGE)), {"contains": "mail"}),
    "huawei_te": asked(HuaweiTe),
    "ntp": Case(True, says(time_server)),
    "path_mtu": Case(True, reflector, {"wait_seconds": 0.05, "most_bits_per_second": 5e6}),
    "poly_rest": asked(PolyStudio),
    "poly_trio": asked(PolyTrio),
    "ras": Case(True, says(lambda data: b"\x04\x00" + data[2:4]), silent=Answer.UNKNOWN),
    "snmp": Case(True, says(device), {"credentials": "public", "families": "system"}),
    "sip": Case(True, says(lambda data: reply(data, "200 OK"))),
    "stamp": Case(True, reflector, STREAM),
    "tcp": Case(False, talks(say(b"SSH-2.0")), {"expects": ""}, Answer.RIGHT, silent=Answer.RIGHT),
    "trace": Case(
        True,
        says(lambda data: data),
        {"wait_seconds": SECONDS / 2},
        Answer.RIGHT,
        refused=Answer.RIGHT,
    ),
    "tls": Case(
        False, lambda path: tcp_server(hold, serving(path / "server.pem")), speaks_tls=True
    ),
}
EVERY_PROBE = pytest.mark.parametrize("name", PROBES)
EVERY_CASE = pytest.mark.parametrize("name", CASES)


def params_of(name: str, port: int) -> Any:
    """Return a probe's parameters for a server here, with a short limit."""
    kind = PROBES[name].params
    limit = {"limit_seconds": SECONDS} if "limit_seconds" in {f.name for f in fields(kind)} else {}
    given_params: dict[str, Any] = {**limit, **CASES[name].params, "port": port}
    return kind(target="it", address=LOOPBACK, **given_params)


def fresh() -> Means:
    """Return means that remember nothing."""
    return replace(MEANS, notes=Notes(None), memory={}, shared={})


def tried(name: str, port: int) -> list[Observation]:
    """Run a probe that remembers nothing, and hold what it reports to what all promise."""
    probe = PROBES[name]
    found = probe.run(params_of(name, port), fresh())
    series = [(one.name, tuple(sorted(one.labels.items()))) for one in found]
    assert len(series) == len(set(series)) <= probe.most_series
    families = {one for family in known_families().values() for one in family.metrics}
    own = families if name == "snmp" else set()
    assert {one.name for one in found} <= {*COMMON, *probe.metrics, *own}
    for one in found:
        assert one.labels["target"] == "it"
        assert float("-inf") < one.value < float("inf")
        assert not one.name.endswith("_ratio") or 0 <= one.value <= 1
    return found


def code(found: list[Observation]) -> Answer:
    (value,) = [one.value for one in found if one.name == "wanwatch_probe_answer_code"]
    alive = [one.value for one in found if one.name == "wanwatch_probe_alive"]
    answer = Answer(int(value))
    assert alive == ([] if answer.is_alive is None else [int(answer.is_alive)])
    return answer


def garbage_server(name: str, data: bytes) -> AbstractContextManager[int]:
    return udp_server(lambda _: [data]) if CASES[name].is_udp else tcp_server(say(data))


@EVERY_PROBE
def test_probe_says_what_it_is(name: str) -> None:
    """Its file has its name; interval, limit and names are what the collector expects."""
    probe = PROBES[name]
    assert probe.name == name
    assert 0 < probe.limit_seconds <= probe.every_seconds
    default = {f.name: f.default for f in fields(probe.params)}.get("limit_seconds", MISSING)
    assert default is MISSING or default <= probe.limit_seconds
    for metric in (*COMMON, *probe.metrics):
        assert OWN_NAME.fullmatch(metric)
        assert UNIT.search(metric) or UNITLESS.search(metric), metric


def test_every_file_is_a_probe_or_a_known_part() -> None:
    """A new probe cannot be forgotten here, and each one that asks a port has its case."""
    assert set(MODULES) - set(PROBES) == PARTS
    assert set(CASES) == set(PROBES) - {"icmp"}


@EVERY_CASE
def test_right_answer(name: str, tmp_path: Path) -> None:
    """It is alive and answered as it should."""
    with CASES[name].right(tmp_path) as port:
        assert code(tried(name, port)) is Answer.RIGHT


@EVERY_CASE
def test_refused(name: str) -> None:
    """The host is there and nobody listens: its own answer, and for a trace its end."""
    kind = socket.SOCK_DGRAM if CASES[name].is_udp else socket.SOCK_STREAM
    with nobody(kind) as port:
        assert code(tried(name, port)) is CASES[name].refused


@EVERY_CASE
def test_a_host_that_cannot_ask_says_nothing_of_the_target(name: str) -> None:
    """The broadcast address is nobody's: our own system refuses, and the reason is told."""
    params = replace(params_of(name, 9), address="255.255.255.255")
    if CASES[name].is_udp:
        with pytest.raises(SourceError, match="This host cannot ask it"):
            PROBES[name].run(params, fresh())
    else:
        assert code(PROBES[name].run(params, fresh())) is Answer.SILENT


@EVERY_CASE
def test_silent(name: str) -> None:
    """It ends within its limit; silence is told, or nothing where it says nothing."""
    case = CASES[name]
    server = udp_server(lambda _: []) if case.is_udp else tcp_server(hold)
    started_at = time.monotonic()
    with server as port:
        assert code(tried(name, port)) is case.silent
    assert time.monotonic() - started_at < SECONDS + 1.5


@EVERY_CASE
def test_slow(name: str) -> None:
    """Byte by byte, or after the limit: the limit holds for the whole of it."""
    case, over = CASES[name], threading.Event()
    server: AbstractContextManager[int]
    if case.is_udp:

        def late(data: bytes) -> list[bytes]:
            over.wait(2 * SECONDS)
            return [data]

        server = udp_server(late)
    else:
        server = tcp_server(drip(b"HTTP/1.1 200 OK and so on, slowly" * 10, over))
    with server as port:
        started_at = time.monotonic()
        answer = code(tried(name, port))
        took = time.monotonic() - started_at
        over.set()
    assert answer in (case.silent, case.garbage, Answer.NO_HANDSHAKE)
    assert took < SECONDS + 1


@EVERY_CASE
@pytest.mark.parametrize("data", [b"\0", b"\xff" * 70, b"220 hello\r\n\r\n", b"\x16\x03\x01" * 30])
def test_garbage(name: str, data: bytes) -> None:
    """What is not its protocol is garbage, and nothing is raised."""
    with garbage_server(name, data) as port:
        answer = code(tried(name, port))
    assert answer in {CASES[name].garbage, Answer.NO_HANDSHAKE if CASES[name].speaks_tls else None}


@EVERY_CASE
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(min_size=1, max_size=200))
def test_any_bytes(name: str, data: bytes) -> None:
    """Whatever a server sends, an answer comes of it."""
    with garbage_server(name, data) as port:
        code(tried(name, port))


@EVERY_CASE
def test_networks_that_may_not_be_asked_are_not(name: str) -> None:
    """Not a packet, and the collector is told so."""
    seen: list[bytes] = []

    def hear(data: bytes) -> list[bytes]:
        seen.append(data)
        return []

    def take(opened: socket.socket) -> None:
        seen.append(b"connected")

    with udp_server(hear) if CASES[name].is_udp else tcp_server(take) as port:
        found = ask(PROBES[name], params_of(name, port), ["10.0.0.0/8", "fd00::/8"], MEANS)
    labels = {"probe": name, "target": "it"}
    assert [tuple(one) for one in found] == [("wanwatch_probe_refused", labels, 1)]
    assert seen == []


@EVERY_PROBE
def test_probe_is_documented(name: str) -> None:
    """One row in docs/probes.md with its interval, its limit and every metric."""
    probe = PROBES[name]
    rows = [one for one in DOCUMENT.read_text().splitlines() if one.startswith(f"| `{name}` |")]
    (row,) = rows
    assert f"| {probe.every_seconds:g} s | {probe.limit_seconds:g} s |" in row
    named = set(re.findall(r"`(wanwatch_\w+)", row))
    assert named == set(probe.metrics)


def test_every_answer_is_documented() -> None:
    """Its number and its name, in the order of the numbers."""
    found = re.findall(r"^\| (\d+) \| `(\w+)` \|", DOCUMENT.read_text(), flags=re.MULTILINE)
    assert [(int(number), name) for number, name in found] == [
        (int(one), one.name.lower()) for one in Answer
    ]
