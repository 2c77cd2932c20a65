"""A real HTTP server that stands where the collector will: answers as told, keeps what came."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes
    connection: tuple[str, int]

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(gzip.decompress(self.raw))
        return found


@dataclass
class Reply:
    """What to answer; `before` runs first and may block; `text` replaces the JSON."""

    status: int = 202
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    text: str | None = None


class Door:
    """Listens on port 0 of the loopback; `replies` are used up in turn, then `default` answers."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.replies: list[Reply] = []
        self.default: Callable[[Request], Reply] = lambda request: Reply(body={"state": "s"})
        self.requests: list[Request] = []
        self.came = threading.Condition()
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {key.lower(): value for key, value in self.headers.items()}
                request = Request(self.path, headers, raw, self.client_address)
                reply = door.receive(request)
                reply.before()
                content = (json.dumps(reply.body) if reply.text is None else reply.text).encode()
                self.send_response(reply.status)
                for key, value in reply.headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that went away (it was killed) is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def receive(self, request: Request) -> Reply:
        with self.came:
            reply = self.replies.pop(0) if self.replies else self.default(request)
            self.requests.append(request)
            self.came.notify_all()
        return reply

    def wait_for(self, condition: Callable[[], object], timeout_seconds: float = 30) -> None:
        """Wait until what came fulfils the condition."""
        with self.came:
            came = self.came.wait_for(condition, timeout_seconds)
        assert came, f"{len(self.requests)} requests came and the condition is not fulfilled"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
