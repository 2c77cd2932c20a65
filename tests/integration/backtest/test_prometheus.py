"""The same samples out of a real Prometheus: the same alerts, incidents and pages."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from collector.backtest.asking import of_prometheus
from collector.backtest.choice import Choice
from collector.backtest.difference import difference
from collector.backtest.from_journal import JournalHistory
from collector.backtest.from_prometheus import PrometheusError, PrometheusHistory
from collector.backtest.past import load_past
from collector.backtest.run import Bounds, Span, run
from collector.forward.labels import host_holder, target_holder, template
from collector.policy.policy import load
from collector.storage.database import make_engine
from collector.storage.fleet import load_agents
from collector.stream import Kind
from collector.wire import read
from collector.wire_json import read_labels
from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.backtest.history import History
    from collector.backtest.outcome import Outcome
    from collector.forward.labels import Holder, Template
    from tests.past import Recorded


@pytest.fixture(scope="module")
def prometheus(past: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that holds what the journal holds, each sample at its own instant."""
    if shutil.which("prometheus") is None or shutil.which("promtool") is None:
        missing("prometheus and promtool")
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "samples.om").write_text(open_metrics(past), encoding="utf-8")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "samples.om", "data"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    (folder / "prometheus.yml").write_text("global: {}\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
         "--storage.tsdb.retention.time=50y", f"--web.listen-address=127.0.0.1:{port}"],
        cwd=folder, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{url}/-/ready").is_success:
                    break
        yield url
    finally:
        process.terminate()
        process.wait()


def open_metrics(past: Recorded) -> str:
    """Return the samples of the journal as OpenMetrics, named as they leave a collector."""
    lines: dict[str, list[str]] = {}
    engine = make_engine(past.settings.database)
    with engine.connect() as connection:
        hosts = {row.id: host_holder(row.unit, row.host) for row in load_agents(connection)}
    engine.dispose()
    for recorded in JournalHistory(past.data / "journal").read(past.since, past.until):
        if recorded.kind is not Kind.REPORT:
            continue
        assert isinstance(recorded.body, bytes)
        report = read(recorded.body)
        offset = recorded.at.timestamp() - report.sent_at
        for sample in report.samples.rows():
            named = template(sample.name, dict(read_labels(bytes(sample.labels), "")), {})
            labels = decoded(filled(named, hosts[recorded.agent]))
            name = labels.pop("__name__")
            written = ",".join(f'{key}="{value}"' for key, value in labels.items())
            line = f"{name}{{{written}}} {sample.value!r} {sample.at + offset:.3f}"
            lines.setdefault(name, []).append(line)
    return "\n".join([*(line for name in lines for line in lines[name]), "# EOF", ""])


def filled(named: Template, host: Holder) -> bytes:
    """Return the labels of a series with whose it is, as they are sent."""
    whose = target_holder(named.target, host) if named.target else host
    first, second, third, last = named.parts
    return b"".join((first, whose.host, second, whose.instance, third, whose.unit, last))


def decoded(encoded: bytes) -> dict[str, str]:
    """Return the labels of a series as remote write sends them: short protobuf strings."""
    found: dict[str, str] = {}
    while encoded:
        size = encoded[1]
        pair, encoded = encoded[2 : 2 + size], encoded[2 + size :]
        name = pair[2 : 2 + pair[1]]
        found[name.decode()] = pair[4 + pair[1] :].decode()
    return found


def outcome(past: Recorded, history_of: str) -> tuple[Outcome, History]:
    """Return what the rules in force come to over one history."""
    policy = load(past.data / "policy")
    choice = Choice(policy, policy.rulebook)
    span = Span(past.since, past.until, timedelta(0))
    engine = make_engine(past.settings.database)
    try:
        with engine.connect() as connection, connection.begin():
            known = load_past(connection, span.start, span.since, span.until, set())
    finally:
        engine.dispose()
    history: History = JournalHistory(past.data / "journal")
    if history_of:
        history = of_prometheus(history_of, "")(known, [choice])
    ran = asyncio.run(
        run(
            [choice], known, history, span,
            bounds=Bounds(), told=lambda _done, _of: None, monotonic=time.monotonic,
        )
    )  # fmt: skip
    return ran.outcomes[0], history


def test_prometheus_gives_what_the_journal_gives(past: Recorded, prometheus: str) -> None:
    """The same alerts, incidents and messages; but for what came from outside as an alert."""
    by_journal, _ = outcome(past, "")
    by_samples, history = outcome(past, prometheus)
    found = difference(by_journal, by_samples)
    assert [one.rule for one in found.alerts.missing] == ["QueueFull"]
    (outside,) = found.missed
    assert not [*found.alerts.added, *found.alerts.moved]
    assert not [*found.incidents.added, *found.incidents.moved]
    assert found.alerts.same == len(by_journal.alerts) - 1 > 8
    others = [one for one in by_journal.pages if one.incident != outside.code]
    assert len(by_samples.pages) == len(others) > 0
    assert history.held.reports > 600


def test_what_cannot_be_asked_is_said(past: Recorded, prometheus: str) -> None:
    """Where it was asked, and what came back."""
    for url in (f"{prometheus}/nowhere", "http://127.0.0.1:9"):
        history = PrometheusHistory(url, ["up"], [], {})
        with pytest.raises(PrometheusError, match="/api/v1/query: "):
            list(history.read(past.since, past.until))
