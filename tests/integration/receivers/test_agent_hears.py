"""The real agent hears a device: the collector gets the event, and the device is asked at once."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agents.plan_keeper import FILE
from agents.probe_plan import Ask, ProbePlan, to_json
from tests.conftest import missing
from tests.integration.agents.collector_door import Door

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]


@pytest.fixture
def door() -> Iterator[Door]:
    """A collector."""
    door = Door()
    yield door
    door.close()


def free_port() -> int:
    """Return a port that is free over UDP and TCP."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        udp.bind(tcp.getsockname())
        return int(tcp.getsockname()[1])


SECRETS = """
[switches]
version = "2c"
community = "a word of switches"

[poly]
version = "3"
user = "poly"
auth = "SHA-256"
auth_password = "a word to sign with"
privacy = "AES"
privacy_password = "a word to hide with"
"""


def test_traps_are_believed_by_the_file_of_credentials(door: Door, tmp_path: Path) -> None:
    """A community and a user of it; an inform is answered; no secret is in the log."""
    program, listen = shutil.which("snmpinform"), free_port()
    if program is None:
        missing("snmpinform (Debian package snmp)")
    credentials = tmp_path / "credentials.toml"
    credentials.write_text(SECRETS)
    credentials.chmod(0o600)
    config = tmp_path / "agent.toml"
    config.write_text(
        f'collector = "{door.url}"\ndata = "{tmp_path / "data"}"\ninterval_seconds = 1\n'
        f'checks = ["boot"]\nprobe_credentials = "{credentials}"\n'
        f'trap_listen = "127.0.0.1:{listen}"\nreceive_from = ["127.0.0.0/8"]\n'
    )
    user = ["-u", "poly", "-l", "authPriv", "-a", "SHA-256", "-A", "a word to sign with"]
    hidden = ["-x", "AES", "-X", "a word to hide with"]
    target = f"127.0.0.1:{listen}"
    command = [sys.executable, "-m", "agents", "run", "--config", str(config)]
    agent = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        door.wait_for(lambda: "wanwatch_receiver_messages_total" in names(door))
        for who in (["-v", "2c", "-c", "a word of switches"], ["-v", "3", *user, *hidden]):
            call = [program, *who, "-r", "1", "-t", "3", target, "", "1.3.6.1.6.3.1.1.5.3"]
            done = subprocess.run(call, capture_output=True, text=True, env={"HOME": "/"})
            assert done.returncode == 0, done.stderr
        door.wait_for(lambda: [e["kind"] for e in events(door)].count("trap.link") == 2)
    finally:
        agent.terminate()
        _, said = agent.communicate(timeout=20)
    assert "ERROR" not in said
    assert "a word" not in said


def test_a_message_of_a_device_is_told_and_makes_its_probes_due(door: Door, tmp_path: Path) -> None:
    """A probe of every hour, which would begin most of a minute later, runs at once.

    Between the turns of this agent are two minutes.
    """
    listen = free_port()
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    params = {"target": "codec-1", "address": "127.0.0.1", "port": door.port}
    plan = ProbePlan("t", (Ask("tcp", 3_600.0, params),))
    (data / FILE).write_text(json.dumps(to_json(plan)))
    config = tmp_path / "agent.toml"
    config.write_text(
        f'collector = "{door.url}"\ndata = "{data}"\ninterval_seconds = 120\n'
        f'checks = ["boot"]\nprobe_networks = ["127.0.0.0/8"]\n'
        f'syslog_listen = "127.0.0.1:{listen}"\nreceive_from = ["127.0.0.0/8"]\n'
    )
    command = [sys.executable, "-m", "agents", "run", "--config", str(config)]
    agent = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        door.wait_for(lambda: "wanwatch_receiver_messages_total" in names(door))
        assert "wanwatch_probe_alive" not in names(door)
        with socket.socket(type=socket.SOCK_DGRAM) as device:
            device.sendto(b"<187>codec: camera lost", ("127.0.0.1", listen))
        door.wait_for(lambda: "wanwatch_probe_alive" in names(door))
        door.wait_for(lambda: any(event["kind"] == "syslog" for event in events(door)))
    finally:
        agent.terminate()
        _, said = agent.communicate(timeout=20)

    (event,) = [event for event in events(door) if event["kind"] == "syslog"]
    assert event["detail"] == "camera lost"
    assert event["labels"] == {
        "address": "127.0.0.1", "facility": "local7", "severity": "error", "app": "codec",
    }  # fmt: skip
    assert "ERROR" not in said
    assert "camera" not in said


def reports(door: Door) -> list[dict]:
    return [one.body for one in door.requests if one.path.endswith("/reports")]


def events(door: Door) -> list[dict]:
    return [event for body in reports(door) for event in body["events"]]


def names(door: Door) -> set[str]:
    return {sample[0] for body in reports(door) for sample in body["samples"]}
