"""Devices that speak SNMP: a responder with records of our own, snmpd, and ones that misbehave."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from agents.snmp.knock import WHO_ARE_YOU
from tests.conftest import missing
from tests.probe_servers import LOOPBACK, nobody

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

V2 = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
# The leaves or columns that were asked for -> the rows of the answer.
Rows = Callable[[list[str]], list[tuple[str, Any]]]
AUTH_PASSWORD, PRIVACY_PASSWORD = "auth-secret-1", "privacy-secret-1"
# Name, how it authenticates, how it hides; the last is what snmpd wants of it.
SNMPD_USERS = (
    ("open", "", "", "noauth"),
    ("md5", "MD5", "", "auth"),
    ("sha", "SHA", "", "auth"),
    ("sha512", "SHA-512", "", "auth"),
    ("des", "SHA", "DES", "priv"),
    ("aes", "SHA", "AES", "priv"),
    ("sha256aes", "SHA-256", "AES", "priv"),
    ("aes192", "SHA", "AES-192", "priv"),
    ("aes256", "SHA-512", "AES-256", "priv"),
    ("aes256c", "SHA", "AES-256-C", "priv"),
)


@contextmanager
def simulator(folder: Path, records: Mapping[str, str]) -> Iterator[int]:
    """Serve records (`OID|tag|value`, in order), the community being their name; yield the port."""
    program = Path(sys.executable).with_name("snmpsim-command-responder")
    if not program.exists():
        missing("snmpsim is not installed: make setup-dev")
    data, cache = folder / "records", folder / "cache"
    for made in (data, cache):
        made.mkdir(parents=True)
    for name, text in records.items():
        (data / f"{name}.snmprec").write_text(text, encoding="utf-8")
    with nobody(socket.SOCK_DGRAM) as port:
        pass
    me = ["--process-user=root", "--process-group=root"] if os.geteuid() == 0 else []
    places = [f"--data-dir={data}", f"--cache-dir={cache}", f"--variation-modules-dir={cache}"]
    with _running(
        [str(program), *me, *places, f"--agent-udpv4-endpoint={LOOPBACK}:{port}"],
        lambda process: process.stderr,
        "Listening at",
    ):
        _wait_for(port)
        yield port


@contextmanager
def snmpd(folder: Path, port: int = 0) -> Iterator[int]:
    """Run Debian's snmpd with a community `public` and SNMPD_USERS; yield the port."""
    program = shutil.which("snmpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("snmpd is not installed: make setup-services")
    if not port:
        with nobody(socket.SOCK_DGRAM) as port:
            pass
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"agentaddress udp:{LOOPBACK}:{port}", "rocommunity public", "sysname gate-1"]
    for name, auth, privacy, must in SNMPD_USERS:
        hides = privacy.replace("-", "")  # as snmpd writes it
        keys = [auth and f"{auth} {AUTH_PASSWORD}", hides and f"{hides} {PRIVACY_PASSWORD}"]
        lines += [" ".join(["createUser", name, *filter(None, keys)]), f"rouser {name} {must}"]
    config = folder / "snmpd.conf"
    config.write_text("\n".join(lines), encoding="utf-8")
    own = {"SNMP_PERSISTENT_DIR": str(folder / "kept"), "MIBS": "", "SNMPCONFPATH": str(folder)}
    with _running(
        [program, "-f", "-Lo", "-C", "-c", str(config), "-I", "-smux", "-p", str(folder / "pid")],
        lambda process: process.stdout,
        "NET-SNMP version",
        {**os.environ, **own},
    ):
        yield port


@contextmanager
def _running(
    command: Sequence[str],
    output: Callable[[subprocess.Popen[str]], IO[str] | None],
    ready: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    said: list[str] = []
    try:
        stream = output(process)
        assert stream is not None
        for line in stream:
            said.append(line)
            if ready in line:
                break
        else:
            raise AssertionError(f"{command[0]} ended: {''.join(said)[-2000:]}")
        for rest in (process.stdout, process.stderr):
            threading.Thread(target=_drain, args=(rest,), daemon=True).start()
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int) -> None:
    """Return when somebody answers: the port opens a little after it was announced."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((LOOPBACK, port))
        asking.settimeout(0.2)
        for _ in range(100):
            try:
                asking.send(WHO_ARE_YOU)
                asking.recv(4_096)
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                threading.Event().wait(0.05)
            else:
                return
    raise AssertionError(f"nobody answers on port {port}")


def _drain(stream: IO[str]) -> None:
    with contextlib.suppress(ValueError):
        for _ in stream:
            pass


def answer_to(data: bytes, rows: Rows, *, status: int = 0, place: int = 0, off: int = 0) -> bytes:
    """Return the answer of an SNMP 2c device; `off` is how far its request's number is wrong."""
    message, _ = decoder.decode(data, asn1Spec=V2.Message())
    request = V2.apiMessage.get_pdu(message)
    answer = V2.GetResponsePDU()
    V2.apiPDU.set_defaults(answer)
    V2.apiPDU.set_request_id(answer, int(V2.apiPDU.get_request_id(request)) + off)
    V2.apiPDU.set_error_status(answer, status)
    V2.apiPDU.set_error_index(answer, place)
    V2.apiPDU.set_varbinds(answer, rows([str(one) for one, _ in V2.apiPDU.get_varbinds(request)]))
    whole = V2.Message()
    V2.apiMessage.set_defaults(whole)
    V2.apiMessage.set_community(whole, V2.apiMessage.get_community(message))
    V2.apiMessage.set_pdu(whole, answer)
    return bytes(encoder.encode(whole))


def is_kind(data: bytes, kind: str) -> bool:
    """Say whether a datagram is a question of SNMP 2c of this kind (`GetRequestPDU`, …)."""
    try:
        message, _ = decoder.decode(data, asn1Spec=V2.Message())
        return V2.apiMessage.get_pdu(message).isSameTypeWith(getattr(V2, kind)())
    except Exception:  # noqa: BLE001  # SNMP 3, or no SNMP at all
        return False
