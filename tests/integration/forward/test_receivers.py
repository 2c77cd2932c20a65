"""What a receiver of samples answers, and what becomes of the request: again, dropped, taken."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from collector.forward.metrics import ForwardMetrics
from collector.forward.receiver import HttpReceiver
from collector.forward.settings import RemoteWrite
from collector.forward.watch import tell_lags
from collector.storage.schema import alerts
from tests.integration.collector.world import Agent, Clock, World, disk
from tests.integration.forward.test_remote_write import forwarding
from tests.tsdb import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


class Handler(BaseHTTPRequestHandler):
    """Answers what the test says next, else 204."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
    requests: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    connections: ClassVar[set[object]] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((dict(self.headers), body))
        self.connections.add(self.client_address)
        status, headers, said = self.answers.pop(0) if self.answers else (204, {}, b"")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.answers, Handler.requests, Handler.connections = [], [], set()
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}/write?tenant=1"
    made.shutdown()
    thread.join()
    made.server_close()


def receiver(url: str, **more: object) -> HttpReceiver:
    return HttpReceiver(RemoteWrite.model_validate({"name": "x", "url": url, **more}))


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (200, "", (True, False, 0.0)),
        (204, "", (True, False, 0.0)),
        (500, "", (False, True, 0.0)),
        (503, "17", (False, True, 17.0)),
        (503, "86400", (False, True, 300.0)),
        (429, format_datetime(NOW + timedelta(seconds=40)), (False, True, 40.0)),
        (503, "soon", (False, True, 0.0)),
        (408, "", (False, True, 0.0)),
        (400, "17", (False, False, 0.0)),
        (401, "", (False, False, 0.0)),
        (404, "", (False, False, 0.0)),
        (302, "", (False, False, 0.0)),
    ],
)
def test_status_decides_whether_it_is_sent_again(
    server: str, status: int, retry_after: str, expected: tuple[bool, bool, float]
) -> None:
    """5xx and what may pass: again, when the receiver says. Any other refusal is final."""
    Handler.answers = [
        (status, {"Retry-After": retry_after} if retry_after else {}, b"why\x07 not")
    ]
    answered = receiver(server).send(b"body", NOW)
    assert (answered.is_taken, answered.may_pass, answered.retry_after_seconds) == expected
    assert answered.why == ("" if answered.is_taken else f"HTTP {status} why  not")


def test_request_has_the_head_that_the_standard_asks_for(server: str, tmp_path: Path) -> None:
    """Version, type and packing; a credential from its file, anew for each; one connection."""
    secret = tmp_path / "token"
    secret.write_text("first\n", encoding="utf-8")
    made = receiver(server, bearer_token_file=str(secret), headers={"X-Scope-OrgID": "tinh"})
    assert made.send(b"body", NOW).is_taken
    secret.write_text("second\n", encoding="utf-8")
    Handler.answers = [(400, {}, b"bad token")]
    refused = made.send(b"body", NOW)
    head, body = Handler.requests[0]
    assert body == b"body"
    assert head["Content-Encoding"] == "snappy"
    assert head["Content-Type"] == "application/x-protobuf"
    assert head["X-Prometheus-Remote-Write-Version"] == "0.1.0"
    assert head["User-Agent"] == "wanwatch"
    assert head["X-Scope-OrgID"] == "tinh"
    assert [one["Authorization"] for one, _ in Handler.requests] == [
        "Bearer first", "Bearer second"
    ]  # fmt: skip
    assert "second" not in refused.why
    assert len(Handler.connections) == 1
    secret.unlink()
    missing = made.send(b"body", NOW)
    assert (missing.is_taken, missing.may_pass) == (False, True)
    assert str(secret) in missing.why
    made.close()


def test_receiver_that_is_not_there_may_come_back(server: str) -> None:
    """Nobody listens, then a server whose idle connection is cut: the same request goes again."""
    nobody = receiver(f"http://127.0.0.1:{free_port()}/write").send(b"body", NOW)
    assert (nobody.is_taken, nobody.may_pass, nobody.why) == (False, True, "Connection refused")
    Handler.answers = [(204, {"Connection": "close"}, b"")]
    made = receiver(server)
    assert made.send(b"1", NOW).is_taken
    assert made.send(b"2", NOW).is_taken
    assert [body for _, body in Handler.requests] == [b"1", b"2"]
    made.close()


async def test_refused_requests_are_dropped_and_others_sent_again(
    tmp_path: Path, server: str
) -> None:
    """503 twice, then taken; 400: dropped, counted, and the next one goes on."""
    world = World(tmp_path, Clock())
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    made = forwarding(world, ("x", server))
    [sender] = made.senders
    Handler.answers = [(503, {}, b""), (503, {"Retry-After": "20"}, b""), (204, {}, b"")]
    await agent.send(world, *disk(0.5))
    assert await made.turn(sender) == 1.0
    world.clock.advance(100)
    registry = CollectorRegistry()
    registry.register(ForwardMetrics(made, world.stream, now=world.clock.now))
    assert registry.get_sample_value("wanwatch_remote_write_lag_seconds", {"receiver": "x"}) == 100
    assert await made.turn(sender) == 20.0
    assert await made.turn(sender) == 0.0
    assert len({body for _, body in Handler.requests}) == 1
    Handler.answers = [(400, {}, b"out of bounds")]
    world.clock.advance(10)
    await agent.send(world, *disk(0.5))
    assert await made.turn(sender) == 0.0
    assert sender.why == "HTTP 400 out of bounds"
    text = generate_latest(registry).decode()
    for line in (
        'wanwatch_remote_write_samples_total{receiver="x"} 2.0',
        'wanwatch_remote_write_retries_total{receiver="x"} 2.0',
        'wanwatch_remote_write_dropped_total{reason="refused",receiver="x"} 2.0',
        'wanwatch_remote_write_requests_total{receiver="x",result="refused"} 1.0',
        'wanwatch_remote_write_queue_bytes{receiver="x"} 0.0',
        'wanwatch_remote_write_lag_seconds{receiver="x"} 0.0',
        'wanwatch_remote_write_failing{receiver="x"} 1.0',
    ):
        assert line in text
    world.clock.advance(10)
    assert sender.lag_seconds(world.clock.now()) == 10, "nobody has what was dropped"
    await agent.send(world, *disk(0.5))
    await made.turn(sender)
    assert (sender.why, sender.lag_seconds(world.clock.now())) == ("", 0.0)
    await made.close()
    world.database.close()


async def test_receiver_that_takes_nothing_is_told_until_it_does_or_is_gone(tmp_path: Path) -> None:
    """Ten minutes: a line of the worklist; configured no more after a start: it ends."""
    world = World(tmp_path, Clock())
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    made = forwarding(world, ("x", f"http://127.0.0.1:{free_port()}/write"))

    def told() -> list[str]:
        rows = [row for row in world.rows(alerts) if row["rule"] == "SamplesNotSent"]
        return [row["outcome"] for row in rows if row["resolved_at"] is None]

    for _ in range(65):
        await agent.send(world, *disk(0.5))
        await made.turn(made.senders[0])
        await world.turn(10)
        tell_lags(made.senders, world.judge, world.clock.now())
    await world.turn()
    assert told() == ["worklist"]
    await made.close()
    await world.stop()
    world.start()
    await world.turn(10)
    assert told() == ["worklist"]
    tell_lags([], world.judge, world.clock.now())
    await world.turn()
    assert told() == []
    world.database.close()
