"""What probes of services tell apart: content and age, chains and keys, codes and clocks."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from agents.answer import Answer
from agents.check import SourceError
from agents.notes import Notes
from agents.probes import dns, http, icmp, ntp, ras, tcp, tls
from tests.certificates import AFTER, BEFORE, make, new_key
from tests.probe_means import MEANS
from tests.probe_servers import LOOPBACK, hold, say, tcp_server, udp_server

if TYPE_CHECKING:
    import socket

    from cryptography.hazmat.primitives.asymmetric import ec

    from agents.check import Observation
    from agents.probe import Means, Probe

NOW = datetime(2026, 11, 26, 1, 5, tzinfo=UTC).timestamp()


def fresh(**more: Any) -> Means:
    return replace(MEANS, notes=Notes(None), **more)


def asked(
    probe: Probe[Any], port: int, means: Means | None = None, **more: Any
) -> list[Observation]:
    params = probe.params(target="it", address=LOOPBACK, port=port, limit_seconds=2.0, **more)
    return probe.run(params, means or fresh())


def values(found: list[Observation]) -> dict[str, float]:
    return {one.name: one.value for one in found}


def code(found: list[Observation]) -> Answer:
    return Answer(int(values(found)["wanwatch_probe_answer_code"]))


# HTTP


def page(body: str, status: str = "200 OK", *headers: str) -> bytes:
    content = body.encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(head).encode() + content


KPI = {"contains": "Bảng KPI", "age_after": "cập nhật lúc", "most_age_seconds": 3600.0}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (page("Bảng KPI, cập nhật lúc 07:50 26/11/2026"), Answer.RIGHT),
        (page("Bảng KPI, cập nhật lúc 07:00 26/11/2026"), Answer.WRONG_CONTENT),
        (page("Bảng KPI, cập nhật lúc hôm qua"), Answer.WRONG_CONTENT),
        (page("Hệ thống đang bảo trì"), Answer.WRONG_CONTENT),
        (page("", "302 Found", "Location: /login"), Answer.WRONG_CONTENT),
        (page("Bảng KPI", "503 Unavailable"), Answer.OUT_OF_SERVICE),
        (page("", "401 Unauthorized"), Answer.DENIED),
        (page("", "403 Forbidden"), Answer.DENIED),
        (b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n", Answer.GARBAGE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", Answer.GARBAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nB", Answer.GARBAGE),
    ],
)  # fmt: skip
def test_a_page_is_followed_through(answer: bytes, expected: Answer) -> None:
    """Status, what stands in it, and of when its data is, by the clock of Vietnam."""
    with tcp_server(say(answer)) as port:
        assert code(asked(http.PROBE, port, fresh(now=lambda: NOW), **KPI)) is expected


def test_the_age_is_told_also_without_a_limit() -> None:
    """From the text, or from Last-Modified; the rule judges."""
    text = say(page("cập nhật lúc 07:05 26/11/2026"))
    header = say(page("", "200 OK", "Last-Modified: Thu, 26 Nov 2026 00:05:00 GMT"))
    for talk, more in ((text, {"age_after": "cập nhật lúc"}), (header, {"last_modified": True})):
        with tcp_server(talk) as port:
            found = values(asked(http.PROBE, port, fresh(now=lambda: NOW), **more))
        assert found["wanwatch_http_data_age_seconds"] == 3600


@pytest.mark.parametrize(("password", "expected"), [("b:c", Answer.RIGHT), ("x", Answer.DENIED)])
def test_credentials_are_the_agents_own(password: str, expected: Answer) -> None:
    """Named by the plan, kept here; wrong ones are told apart from a fault."""

    def talk(opened: socket.socket) -> None:
        request = opened.recv(4_096)
        is_right = b"\r\nAuthorization: Basic YTpiOmM=\r\n" in request
        assert request.startswith(b"GET /x?y=1 HTTP/1.1\r\nHost: app.local:")
        opened.sendall(page("ok") if is_right else page("", "401 Unauthorized"))

    means = fresh(credentials={"app": f"a:{password}"})
    more = {"credentials": "app", "path": "/x?y=1", "site": "app.local"}
    with tcp_server(talk) as port:
        assert code(asked(http.PROBE, port, means, **more)) is expected


def test_credentials_that_are_not_here_are_not_made_up() -> None:
    """Nothing is sent, and the reason names the key and no secret."""
    with pytest.raises(SourceError, match="no credentials named 'mail' on this agent"):
        asked(http.PROBE, 9, credentials="mail")


def test_pages_behind_tls_are_asked_whoever_signed(tmp_path: Path) -> None:
    """Whether the certificate is good is another probe's question."""
    with tcp_server(say(page("mail")), chain(tmp_path)[0]) as port:
        assert code(asked(http.PROBE, port, is_tls=True, contains="mail")) is Answer.RIGHT


# TLS


def pem_of(key: ec.EllipticCurvePrivateKey, *certificates: x509.Certificate) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates) + private


def chain(path: Path, leaf_until: datetime = AFTER) -> tuple[Path, Path]:
    """Return a server's PEM of leaf and authority, and the authority alone."""
    root_key, leaf_key = new_key(), new_key()
    until = BEFORE + timedelta(days=365 * 60)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    builder = x509.CertificateBuilder().not_valid_before(BEFORE).issuer_name(name)
    ca = x509.BasicConstraints(ca=True, path_length=None)
    root = builder.subject_name(name).public_key(root_key.public_key()).serial_number(1)
    signed = root.not_valid_after(until).add_extension(ca, critical=True)
    root_certificate = signed.sign(root_key, hashes.SHA256())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "codec")])
    names = x509.SubjectAlternativeName([x509.DNSName("codec.local")])
    leaf = builder.subject_name(subject).public_key(leaf_key.public_key()).serial_number(2)
    leaf = leaf.not_valid_after(leaf_until).add_extension(names, critical=False)
    server, authority = path / "server.pem", path / "root.pem"
    server.write_bytes(pem_of(leaf_key, leaf.sign(root_key, hashes.SHA256()), root_certificate))
    authority.write_bytes(root_certificate.public_bytes(serialization.Encoding.PEM))
    return server, authority


def test_a_chain_is_read_and_tried(tmp_path: Path) -> None:
    """Its length, when it and its first member end, and whether this host trusts it for a name."""
    server, authority = chain(tmp_path)
    means = fresh(ca_file=str(authority))
    with tcp_server(hold, server) as port:
        found = values(asked(tls.PROBE, port, means, server_name="codec.local"))
        other = values(asked(tls.PROBE, port, means, server_name="other.local"))
        unknown = values(asked(tls.PROBE, port, server_name="codec.local"))
    assert found["wanwatch_tls_expiry_timestamp_seconds"] == AFTER.timestamp()
    assert found["wanwatch_tls_chain_expiry_timestamp_seconds"] < AFTER.timestamp()
    assert found["wanwatch_tls_chain_certificates"] == 2
    assert found["wanwatch_tls_self_issued"] == 0
    assert found["wanwatch_tls_version"] == 1.3
    trust = [one["wanwatch_tls_chain_trusted"] for one in (found, other, unknown)]
    assert trust == [1, 0, 0]


def test_a_certificate_that_has_ended_is_still_read(tmp_path: Path) -> None:
    """It is shown with its end; the rule judges. Nobody trusts it."""
    server, authority = chain(tmp_path, datetime(2020, 1, 1, tzinfo=UTC))
    with tcp_server(hold, server) as port:
        found = values(asked(tls.PROBE, port, fresh(ca_file=str(authority))))
    assert found["wanwatch_probe_answer_code"] == Answer.RIGHT
    assert found["wanwatch_tls_expiry_timestamp_seconds"] == 1_577_836_800
    assert found["wanwatch_tls_chain_trusted"] == 0


def test_a_key_that_changed_is_told_once(tmp_path: Path) -> None:
    """The new one is 1, the former 0; then the new one alone."""
    means, path = fresh(), tmp_path / "own.pem"
    keys: list[list[float]] = []
    for number in (1, 2, 2):
        if len(keys) < 2:
            key = new_key()
            own = make(key, expires_at=AFTER, common_name="box", serial=number)
            path.write_bytes(pem_of(key, own))
        with tcp_server(hold, path) as port:
            found = asked(tls.PROBE, port, means)
        assert values(found)["wanwatch_tls_self_issued"] == 1
        keys.append([one.value for one in found if one.name == "wanwatch_tls_key_info"])
    assert keys == [[1], [1, 0], [1]]


def test_a_listener_that_agrees_on_nothing_has_its_own_answer(tmp_path: Path) -> None:
    """It speaks TLS, and hangs up on us."""

    def talk(opened: socket.socket) -> None:
        opened.recv(4_096)
        opened.sendall(b"\x15\x03\x01\x00\x02\x02\x28")  # fatal: handshake failure

    with tcp_server(talk) as port:
        assert code(asked(tls.PROBE, port)) is Answer.NO_HANDSHAKE


@pytest.mark.skipif(not ssl.HAS_TLSv1, reason="this Python's TLS library has no TLS 1.0")
def test_an_old_listener_is_read(tmp_path: Path) -> None:
    """TLS 1.0 alone, as old codecs have it: its certificate and its version are told."""
    server, _ = chain(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1

    def talk(opened: socket.socket) -> None:
        with context.wrap_socket(opened.dup(), server_side=True) as wrapped:
            hold(wrapped)  # type: ignore[arg-type]

    with tcp_server(talk) as port:
        found = values(asked(tls.PROBE, port))
    assert found["wanwatch_probe_answer_code"] == Answer.RIGHT
    assert found["wanwatch_tls_version"] == 1.0


# DNS, NTP, RAS, TCP


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (b"\x81\x83", Answer.WRONG_CONTENT), (b"\x81\x82", Answer.OUT_OF_SERVICE),
        (b"\x81\x85", Answer.DENIED), (b"\x81\x80", Answer.WRONG_CONTENT),
    ],
)  # fmt: skip
def test_name_servers_that_answer_wrong_are_alive(flags: bytes, expected: Answer) -> None:
    """No such name, failed, refused, and no record at all."""
    with udp_server(lambda data: [data[:2] + flags + data[4:]]) as port:
        found = asked(dns.PROBE, port, name="mail.vn")
    assert code(found) is expected
    assert values(found)["wanwatch_dns_response_code"] == flags[1] & 0xF


def clock(leap: int, stratum: int, ahead: float) -> Any:
    def says(data: bytes) -> list[bytes]:
        at = int((MEANS.now() + ahead + 2_208_988_800) * 2**32)
        head = struct.pack("!BBbbIII", leap << 6 | 36, stratum, 6, -20, 0, 655, 0)
        return [head + bytes(8) + data[40:48] + struct.pack("!QQ", at, at)]

    return says


@pytest.mark.parametrize("ahead", [-3.0, 0.0, 0.25])
def test_a_clock_that_is_wrong_is_measured(ahead: float) -> None:
    """To 20 ms on the loopback interface."""
    with udp_server(clock(0, 3, ahead)) as port:
        found = values(asked(ntp.PROBE, port))
    assert found["wanwatch_ntp_offset_seconds"] == pytest.approx(ahead, abs=0.02)
    assert found["wanwatch_ntp_stratum"] == 3
    assert found["wanwatch_ntp_root_dispersion_seconds"] == pytest.approx(0.01, abs=1e-4)


@pytest.mark.parametrize(
    ("leap", "stratum", "expected"),
    [(3, 3, Answer.OUT_OF_SERVICE), (0, 16, Answer.OUT_OF_SERVICE), (3, 0, Answer.DENIED)],
)
def test_a_clock_that_nobody_keeps_tells_no_offset(
    leap: int, stratum: int, expected: Answer
) -> None:
    """It lives, and its time is not to be believed."""
    with udp_server(clock(leap, stratum, 0)) as port:
        found = asked(ntp.PROBE, port)
    assert code(found) is expected
    assert "wanwatch_ntp_offset_seconds" not in values(found)


def test_a_number_that_is_not_registered_is_told() -> None:
    """The gatekeeper lives; after it once answered its silence counts."""
    means = fresh()
    with udp_server(lambda data: [b"\x50" + data[2:4]]) as port:
        assert code(asked(ras.PROBE, port, means, alias="0912")) is Answer.UNREGISTERED
    with udp_server(lambda _: []) as port:
        assert code(asked(ras.PROBE, port, means)) is Answer.SILENT
        assert code(asked(ras.PROBE, port)) is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("greeting", "expected"), [(b"SSH-2.0-x", Answer.RIGHT), (b"220 mail", Answer.GARBAGE)]
)
def test_a_greeting_is_read(greeting: bytes, expected: Answer) -> None:
    """What it begins with tells whose port it is."""
    with tcp_server(lambda opened: opened.sendall(greeting)) as port:
        assert code(asked(tcp.PROBE, port, expects="SSH-")) is expected


# ICMP

# The group of nobody, in a network of its own where the kernel lets that group ask, or does not.
UNPRIVILEGED = """
import os, sys
from agents.check import SourceError
from agents.probes import icmp
from tests.probe_means import MEANS
os.setgroups([]); os.setgid(65534); os.setuid(65534)
params = icmp.IcmpParams("it", "127.0.0.1", packets=3, gap_seconds=0.02, wait_seconds=0.5)
try:
    found = {one.name: one.value for one in icmp.run(params, MEANS)}
    print("answer", found["wanwatch_probe_answer_code"], found["wanwatch_icmp_lost_ratio"])
except SourceError as error:
    print("refused", error)
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None,
    reason="needs root and unshare, for a network of its own",
)
@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("0 65535", r"answer 0 0(\.0)?"),
        ("1 0", r"refused ICMP is not allowed .*ping_group_range.*CAP_NET_RAW.*"),
    ],
)
def test_echoes_need_no_privileges_where_the_kernel_lets_the_group_ask(
    groups: str, expected: str
) -> None:
    """As nobody, without any capability; elsewhere the reason says what to do."""
    setting = "/proc/sys/net/ipv4/ping_group_range"
    script = f'ip link set lo up && echo \'{groups}\' > {setting} && exec "$0" -c "$1"'
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, sys.executable, UNPRIVILEGED],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        timeout=30,
    )
    assert re.fullmatch(expected, done.stdout.strip()), done.stdout + done.stderr


def test_a_burst_of_echoes_is_counted() -> None:
    """All come back from this host; where ICMP is not allowed, the reason says what to do."""
    params = icmp.IcmpParams("it", LOOPBACK, packets=5, gap_seconds=0.02, wait_seconds=0.5)
    try:
        found = icmp.run(params, fresh())
    except SourceError as error:
        assert "ping_group_range" in str(error)  # noqa: PT017
        assert "CAP_NET_RAW" in str(error)  # noqa: PT017
        return
    assert code(found) is Answer.RIGHT
    assert values(found)["wanwatch_icmp_lost_ratio"] == 0
    assert 0 <= values(found)["wanwatch_icmp_rtt_min_seconds"] < 0.1
