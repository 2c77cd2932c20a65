"""Woken by a modem, answered by a text message: the collector, the relay and a telephone."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.acceptance.test_fault_to_mail import hosts_on_time, only_incident
from tests.acceptance.world import ROOT, free_port, wait_until
from tests.fake_modem import modem_in_a_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.world import World
    from tests.fake_modem import FakeModem

NUMBER, STRANGER = "+84912345678", "+84999999999"
CHANNELS = """
channels:
  modem: {{kind: modem, url: "http://127.0.0.1:{port}", token_file: {token}, voice: [S1, S2, S3]}}
recipients:
  - {{name: An, channel: modem, address: "0912 345 678", severities: [S1, S2, S3, S4]}}
repeat: {{S1: 1h, S2: 1h, S3: 1h, S4: 1h}}
quiet: null
daily_test: null
"""


@contextmanager
def relay(world: World, modem: FakeModem) -> Iterator[None]:
    """Run the relay as a process; the collector knows its token and it knows the collector's."""
    port, token, phone = free_port(), world.directory / "token", world.directory / "phone-token"
    token.write_text("relay-token-0123456789")
    made = world.run("phone", "add", "modem-1")
    assert made.returncode == 0, made.stderr
    phone.write_text(made.stdout.strip())
    for secret in (token, phone):
        secret.chmod(0o600)
    channels = CHANNELS.format(port=port, token=token)
    (world.directory / "policy" / "channels.yaml").write_text(channels, encoding="utf-8")
    assert world.run("reload", "--reason", "A modem").returncode == 0
    settings = {
        "PORT": str(modem.path),
        "TOKEN_FILE": str(token),
        "DATA": str(world.directory / "relay"),
        "LISTEN": f"127.0.0.1:{port}",
        "COLLECTOR": f"http://{world.address}:{world.port}",
        "COLLECTOR_TOKEN_FILE": str(phone),
    }
    variables = {f"WANWATCH_RELAY_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "collector", "relay"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables})
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_page_wakes_by_telephone_and_a_reply_from_it_alone_acknowledges(world: World) -> None:
    """Message, ring, `1 CODE`: refused and logged from a stranger, done from the number."""
    with modem_in_a_thread(world.directory / "modem") as modem:
        world.start_all()
        wait_until(lambda: hosts_on_time(world), "the host reports")
        with relay(world, modem):
            wait_until(lambda: "AT+CSQ" in modem.commands, "the modem is started")
            modem.rings[NUMBER] = ["3", "0"]
            world.fill()
            number, text = wait_until(modem.texts, "a message leaves", 60)[0]
            incident: dict[str, Any] = only_incident(world) or {}
            code = incident["code"]
            assert number == NUMBER
            assert text.startswith(f"MỚI {code} ")
            assert "may-chu-1" not in text
            wait_until(lambda: modem.hung_up, "it rings and is answered")
            assert modem.dialled == [NUMBER]

            modem.receive(STRANGER, f"1 {code}")
            wait_until(lambda: not modem.store, "the stranger's message is taken")
            assert (only_incident(world) or {})["acknowledged_at"] is None
            modem.receive(NUMBER, f"1 {code.lower()}")
            wait_until(lambda: (only_incident(world) or {})["acknowledged_at"], "it acts")
            wait_until(lambda: len(modem.texts()) == 2, "it is answered")

        assert (only_incident(world) or {})["acknowledged_by"] == "person:An"
        number, answer = modem.texts()[1]
        assert (number, code in answer) == (NUMBER, True)
        log = world.run("phone", "log").stdout
        assert "unknown_number" in log
        assert "acknowledged" in log
        assert "ERROR" not in world.log("collector")
