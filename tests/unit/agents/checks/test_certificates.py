"""Certificates in files and behind ports of this host."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from agents.check import NoData
from agents.checks.certificates import CHECK, Certificates, evaluate, read, shown
from agents.der import Certificate, NotACertificate, read_certificate
from agents.host import tls_certificate
from agents.notes import Notes
from tests.certificates import make, new_key
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EARLY, LATE = datetime(2027, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


def test_certificates_report_the_first_of_a_chain_to_end(tmp_path: Path) -> None:
    """A directory is its certificate files; a key beside them is left alone."""
    key = new_key()
    chain = b"".join(
        make(key, expires_at=at, common_name=name).public_bytes(Encoding.PEM)
        for at, name in ((LATE, "leaf"), (EARLY, "intermediate"))
    )
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls/chain.pem").write_bytes(chain)
    (tmp_path / "tls/private.key").write_text("secret")
    (tmp_path / "tls/broken.crt").write_text("nonsense")

    found = read(fake_host(root=tmp_path, certificates=("/tls", "/gone.pem"), tls_ports=()))

    assert found.files["/tls/chain.pem"].expires_at == EARLY.timestamp()
    assert found.files["/tls/chain.pem"].subject == "intermediate"
    assert found.failed == {"/tls/chain.pem": False, "/tls/broken.crt": True, "/gone.pem": True}


def test_certificates_tell_of_a_changed_key_once_also_over_a_restart(tmp_path: Path) -> None:
    """The key of last time is 0, the new one 1; the agent may have been restarted in between."""
    shown_by = {
        number: make(new_key(), expires_at=EARLY, common_name="a").public_bytes(Encoding.DER)
        for number in (1, 2)
    }

    def keys(number: int, notes: Notes) -> list[float]:
        host = replace(fake_host(tls_certificate=lambda *_: shown_by[number]), notes=notes)
        return [o.value for o in evaluate(read(host), None) if "key_info" in o.name]

    running = Notes(tmp_path)
    assert [keys(1, running), keys(1, running)] == [[1], [1]]
    restarted = Notes(tmp_path)
    assert [keys(2, restarted), keys(2, restarted)] == [[1, 0], [1]]


def test_certificates_keep_their_series_few() -> None:
    """The worst case is within what the check promises."""
    files = {str(n): Certificate(1.0, "a", "1") for n in range(20)}
    old = {str(n): "1" for n in range(100, 108)}
    new = {str(n): Certificate(1.0, "a", "2") for n in range(100, 108)}
    failed = dict.fromkeys((*files, *new), False)

    found = list(evaluate(Certificates(files, new, failed, old), None))

    assert len(found) <= CHECK.most_series


def test_certificates_have_no_data_when_none_is_named() -> None:
    """A host that was not asked says nothing."""
    with pytest.raises(NoData):
        read(fake_host(certificates=(), tls_ports=()))


def own_certificate(directory: Path) -> Path:
    """Return a file with a certificate of our own making and its key."""
    key = new_key()
    made = make(key, expires_at=EARLY, common_name="localhost")
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = directory / "both.pem"
    pem.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return pem


@contextmanager
def listening(context: ssl.SSLContext) -> Iterator[str]:
    """Answer one connection with TLS; the address is HOST:PORT."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            plain, _ = listener.accept()
            with plain, context.wrap_socket(plain, server_side=True) as tls:
                tls.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_certificates_ask_a_real_listener(tmp_path: Path) -> None:
    """Whoever signed it: what is shown is read; a closed port is a read error."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate(tmp_path))
    with listening(context) as address:
        found = read_certificate(tls_certificate(address, 5.0))

    assert (found.expires_at, found.subject) == (EARLY.timestamp(), "localhost")
    host = fake_host(certificates=(), tls_ports=(address,), tls_certificate=tls_certificate)
    assert read(host).failed == {address: True}


def test_certificates_treat_a_listener_without_certificate_as_an_error() -> None:
    """No bytes are no certificate."""
    with pytest.raises(NotACertificate):
        read_certificate(b"")


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        (PurePosixPath("/srv/host/etc/a.pem"), PurePosixPath("/srv/host"), "/etc/a.pem"),
        (PureWindowsPath(r"C:\certs\a.pem"), PureWindowsPath("/"), r"C:\certs\a.pem"),
        (PureWindowsPath("/certs/a.pem"), PureWindowsPath("/"), "/certs/a.pem"),
    ],
)
def test_certificates_name_a_file_as_its_host_does(
    path: PurePath, root: PurePath, expected: str
) -> None:
    """Without the place where a container sees the host; with the drive of Windows."""
    assert shown(path, root) == expected


def test_certificates_look_at_a_listener_of_old(tmp_path: Path) -> None:
    """A device that speaks nothing but TLS 1.0 shows its certificate, too: nothing is trusted."""
    pem = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(pem)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    with listening(context) as address:
        found = read_certificate(tls_certificate(address, 5.0))

    assert found.subject == "localhost"
