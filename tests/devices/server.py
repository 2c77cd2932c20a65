"""An HTTPS server that plays one device: what it is asked is noted, what it says is a method."""

from __future__ import annotations

import base64
import contextlib
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.certificates import serving
from tests.probe_means import PASSWORD, USER
from tests.probe_servers import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@dataclass
class Came:
    """One request, and what a device makes of it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Said:
    """One answer."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Device:
    """What all devices have: a lock-out, one request at a time, a list of what they were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.log_ins = 0
        self.most_at_once = 0
        self._at_once = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._lock = threading.Lock()

    def answer(self, came: Came) -> Said:
        """Return what the device says."""
        raise NotImplementedError

    def take(self, came: Came) -> Said:
        """Note a request and answer it."""
        with self._lock:
            self.asked.append(f"{came.method} {came.path}")
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.may_answer.wait(10)
        try:
            return self.answer(came)
        finally:
            with self._lock:
                self._at_once -= 1


def _handler(device: Device) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5
        wbufsize = 1 << 16  # head and body in one go

        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            came = Came(self.command, self.path, headers, self.rfile.read(length))
            said = device.take(came)
            body = said.body.encode() if isinstance(said.body, str) else said.body
            self.send_response(said.status)
            for name, value in said.headers.items():
                for one in value.split("\n"):
                    self.send_header(name, one)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _take  # noqa: N815 - the names are the library's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody hung up: a test of that looks at its own end."""

    def finish_request(self, request: object, client_address: object) -> None:
        """Shake hands in the thread of the connection, so that a slow one holds up no other."""
        with contextlib.suppress(OSError):
            request.do_handshake()  # type: ignore[attr-defined]
            super().finish_request(request, client_address)  # type: ignore[arg-type]


@contextmanager
def device_server(
    device: Device, path: Path, context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Run a device with a certificate that signs itself; yield the port."""
    if context is None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(serving(path / "device.pem"))
    server = _Server((LOOPBACK, 0), _handler(device))
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
