"""Bad configuration and bad reports: a clear error each, and nothing else disturbed."""

from __future__ import annotations

import base64
import gzip
import json
import signal
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from agents import identity
from agents.report import MAX_COMPRESSED_BYTES, MAX_UNPACKED_BYTES
from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import wait_until

if TYPE_CHECKING:
    from tests.acceptance.world import World


def report(**changes: Any) -> dict[str, Any]:
    """Return a good report as JSON, with some fields changed."""
    good = {
        "v": 1,
        "agent": "",
        "boot": "b",
        "seq": 1_000_000,
        "oldest": 1_000_000,
        "state": "",
        "sent_at": time.monotonic() + 1.7e9,
        "samples": [["node_load1", {}, 0.5, 1.7e9]],
        "events": [],
        "sections": {},
    }
    return {**good, **changes}


def packed(body: dict[str, Any] | str) -> bytes:
    """Return the body of a request."""
    text = body if isinstance(body, str) else json.dumps(body)
    return gzip.compress(text.encode())


BAD = {
    "a value that is text": (packed(report(samples=[["node_load1", {}, "x", 1.7e9]])), 422),
    "a value that is not a number": (packed(json.dumps(report()).replace("0.5", "NaN")), 422),
    "an infinite value": (packed(json.dumps(report()).replace("0.5", "1e999")), 422),
    "a metric name with a space": (packed(report(samples=[["no de", {}, 1, 1.7e9]])), 422),
    "a negative sequence": (packed(report(seq=-1)), 422),
    "an unknown version": (packed(report(v=2)), 422),
    "samples that are an object": (packed(report(samples={})), 422),
    "deep JSON": (packed("[" * 100_000), 422),
    "not JSON": (packed("hello"), 422),
    "not gzip": (b"hello", 422),
    "a zip bomb": (gzip.compress(bytes(MAX_UNPACKED_BYTES * 64)), 413),
    "a huge body": (bytes(MAX_COMPRESSED_BYTES + 1), 413),
    "another agent's name": (packed(report(agent="a-0000000000000000")), 422),
}


@pytest.fixture
def running(world: World) -> World:
    """A world whose collector and agent run and report."""
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    return world


def send(world: World, body: bytes, *, sign: bool = True) -> httpx.Response:
    """Send a body as the world's own agent does."""
    me = identity.load(world.agent_data)
    signature = base64.b64encode(me.sign(body)).decode() if sign else "AAAA"
    return httpx.post(
        f"http://127.0.0.1:{world.port}/api/v1/reports",
        content=body,
        headers={
            "Content-Encoding": "gzip",
            "Content-Type": "application/json",
            "X-Agent": me.agent,
            "X-Signature": signature,
        },
        timeout=10,
    )


def test_bad_reports_are_refused_each_with_its_reason(running: World) -> None:
    """Wrong types, NaN, deep JSON, bombs, floods of bytes: refused, and the agent goes on."""
    before = received(running)
    answers = {what: send(running, body) for what, (body, _) in BAD.items()}

    assert {what: a.status_code for what, a in answers.items()} == {
        what: status for what, (_, status) in BAD.items()
    }
    for what, answer in answers.items():
        assert answer.json()["error"], what
        if answer.status_code == 422:
            assert answer.json()["field"], what
    assert send(running, packed(report()), sign=False).status_code == 401
    wait_until(lambda: received(running) > before + 1, "the agent's own reports go on")
    assert "Traceback" not in running.log("collector")
    assert "ERROR" not in running.log("collector")


def received(world: World) -> float:
    """Return how many reports were accepted."""
    lines = world.text("/metrics").splitlines()
    return float(
        next(v.split()[-1] for v in lines if v.startswith('wanwatch_reports_total{result="accep'))
    )


BROKEN = {
    "units.csv": ("code,name,kind,region\n1,,xa,r\n", "units.csv:2: name"),
    "rules/disk.yaml": (
        (
            "rules:\n  - name: Full\n    value: lasst(node_load1)\n    critical: {above: 1}\n"
            "    class: kt_qua_tai\n    summary: {vi: a, en: b}\n"
        ),
        "disk.yaml:3: ",
    ),
    "channels.yaml": ("channels: {}\nrecipients: [{name: A, channel: x}]\n", "channels.yaml:2: "),
    "oncall.yaml": ("contacts:\n  - {name: An, phones: ['12']}\n", "oncall.yaml:2: "),
    "procedure.yaml": ("id: x\nstages: 7\n", "procedure.yaml:2: "),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bad_policy_stops_the_start_and_names_file_and_line(world: World, name: str) -> None:
    """The collector does not start on a mistake; `check-config` says the same and exits with 2."""
    text, expected = BROKEN[name]
    policy = world.directory / "policy"
    (policy / name).write_text(text, encoding="utf-8")

    world.start("collector")
    assert world.processes.pop("collector").wait(30) == 2
    checked = world.check_config()

    assert expected in world.log("collector")
    assert (checked.returncode, expected in checked.stdout) == (2, True), checked.stdout


def test_bad_policy_at_reload_keeps_the_running_one(running: World) -> None:
    """A reload with a mistake changes nothing and says so; the mended file then takes effect."""
    rules = running.directory / "policy" / "rules" / "disk.yaml"
    good = rules.read_text(encoding="utf-8")
    rules.write_text("rules: [", encoding="utf-8")
    running.processes["collector"].send_signal(signal.SIGHUP)
    wait_until(lambda: "disk.yaml:1" in running.log("collector"), "the mistake is named")
    assert running.is_ready()

    rules.write_text(
        good.replace("below: 0.10", "below: 1.0").replace("below: 0.20", "below: 1.0"),
        encoding="utf-8",
    )
    running.processes["collector"].send_signal(signal.SIGHUP)
    wait_until(lambda: running.mailbox.messages, "the new threshold pages")
