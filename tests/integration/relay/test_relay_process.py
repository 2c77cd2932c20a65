"""`wanwatch relay` as a process: it works, ends in order, and says what keeps it from starting."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.fake_modem import FakeModem, modem_in_a_thread
from tests.integration.relay.world import NUMBER, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[FakeModem]:
    with modem_in_a_thread(tmp_path / "modem") as plugged:
        yield plugged


@pytest.fixture
def config(tmp_path: Path) -> Path:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    file = tmp_path / "relay.toml"
    file.write_text(
        f'port = "{tmp_path / "modem"}"\ntoken_file = "{token}"\ndata = "{tmp_path / "data"}"\n'
        'listen = "127.0.0.1:0"\n'
    )
    return file


def command(config: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "collector", "relay", "--config", str(config), *more]


def said(line: str) -> str:
    event: dict[str, Any] = json.loads(line)
    return str(event["event"])


def test_relay_sends_until_it_is_asked_to_stop(modem: FakeModem, config: Path) -> None:
    """The real clock, the real signals, the settings of a file."""
    process = subprocess.Popen(command(config), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        lines = map(said, process.stderr)
        address = next(line for line in lines if "listens on" in line).split()[4].rstrip(";")
        next(line for line in lines if "the modem is ready" in line)
        answer = httpx.post(
            f"http://{address}/v1/messages",
            json={"id": "message-1", "number": "0912 345 678", "text": "Xin chào"},
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
    assert modem.texts() == [(NUMBER, "Xin chào")]


def run(config: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(config, *more), capture_output=True, text=True, timeout=60)


def test_modem_is_looked_at_and_tried_by_command(modem: FakeModem, config: Path) -> None:
    """`--check` and `--test`: exit code 0 when a message could leave, 1 when not."""
    tried = run(config, "--test", NUMBER)
    assert (tried.returncode, len(modem.sent)) == (0, 1), tried.stderr
    assert "the network took the message" in tried.stdout
    modem.registered = 2
    looked = run(config, "--check")
    assert looked.returncode == 1
    assert "searching" in looked.stderr
    modem.sim = "missing"
    assert "no SIM is inserted" in run(config, "--check").stderr


def test_wrong_settings_end_the_start_with_their_name(config: Path) -> None:
    """Exit code 2: systemd does not try again."""
    config.write_text(config.read_text() + "speed = 1\n")
    ended = run(config)

    assert ended.returncode == 2
    assert "relay.toml: speed" in ended.stderr


def test_port_that_is_not_there_is_said_by_check(config: Path) -> None:
    """With its name."""
    looked = run(config, "--check")

    assert looked.returncode == 1
    assert "modem: cannot be opened: No such file or directory" in looked.stderr
