"""Discovery against devices on this machine, and the command as an operator runs it."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from agents.snmp.credential import Community
from collector.cli import app
from collector.discovery.look import Limits, look
from collector.discovery.proposal import propose, to_yaml
from collector.discovery.signs import REST, XAPI, api_of
from collector.targets.targets_file import read_targets
from tests.devices.cisco import CiscoCodec
from tests.devices.poly import PolyStudio
from tests.devices.server import device_server
from tests.integration.probes.test_sip import reply
from tests.integration.probes.test_snmp import RECORDS
from tests.probe_means import MEANS
from tests.probe_servers import LOOPBACK, hold, nobody, tcp_server, udp_server
from tests.snmp_servers import simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNIT, ASKER = "H42.07", "H42/may-chu"
SHORT = Limits(icmp_seconds=0.3, snmp_seconds=1.0, sip_seconds=0.3, h323_seconds=0.3)
KNOWN = {name: Community("2c", name) for name in ("wrong", "studio")}
LOOKING = replace(MEANS, snmp_credentials=KNOWN)


@pytest.fixture
def closed() -> Iterator[Limits]:
    """Ports on which nobody listens."""
    with nobody(socket.SOCK_DGRAM) as udp, nobody(socket.SOCK_STREAM) as tcp:
        yield replace(SHORT, snmp_port=udp, sip_port=tcp, h323_port=tcp, web_port=tcp)


def test_a_codec_that_answers_everything(tmp_path: Path, closed: Limits) -> None:
    """Its families, its name, how it speaks; the proposal asks for what answered."""
    sip = udp_server(lambda data: [reply(data, "200 OK", "User-Agent: PolyStudioX50/4.1")])
    with (
        simulator(tmp_path / "snmp", {"studio": RECORDS["studio"]}) as snmp_port,
        sip as sip_port,
        tcp_server(hold) as h323_port,
        device_server(PolyStudio(), tmp_path) as web_port,
    ):
        limits = replace(
            closed, snmp_port=snmp_port, sip_port=sip_port, h323_port=h323_port, web_port=web_port
        )
        signs = look(LOOPBACK, LOOKING, ["wrong", "studio"], limits)
    assert (signs.credentials, signs.is_denied, signs.name) == ("studio", False, "hop-1")
    assert "poly_endpoint" in signs.families
    assert (signs.kind, signs.transport, signs.is_h323) == ("conference", "UDP", True)
    assert api_of(signs) == "poly_rest"
    targets = read_targets(to_yaml(propose([signs], UNIT, [ASKER]), [signs]))
    asks = {ask.probe: ask.params for ask in targets.by_name["hop-1"].probes}
    assert {"snmp", "sip", "h323", "tls"} <= asks.keys()
    assert asks["snmp"]["credentials"] == "studio"


def test_a_codec_that_only_has_a_web_interface(tmp_path: Path, closed: Limits) -> None:
    """It is there; whoever wants a name for every page tells nothing of itself."""
    codec = CiscoCodec()
    with device_server(codec, tmp_path) as port:
        signs = look(LOOPBACK, LOOKING, [], replace(closed, web_port=port))
    assert signs.pages == {"/": 401, XAPI: 401, REST: 401}
    assert (api_of(signs), signs.is_there) == ("", True)
    assert codec.log_ins == 0


def test_wrong_credentials_are_told(tmp_path: Path, closed: Limits) -> None:
    """It speaks SNMP, and not with what there is."""
    with simulator(tmp_path, {"studio": RECORDS["studio"]}) as port:
        signs = look(LOOPBACK, LOOKING, ["wrong"], replace(closed, snmp_port=port))
    assert (signs.is_denied, signs.credentials, signs.is_there) == (True, "", True)


def test_nothing_but_a_host(closed: Limits) -> None:
    """No service, no family, at the most an echo."""
    signs = look(LOOPBACK, LOOKING, ["studio"], closed)
    assert signs.is_there == bool(signs.echoes)
    assert (signs.credentials, signs.transport, signs.is_h323, signs.pages) == ("", "", False, None)


def discover(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["discover", "--unit", UNIT, "--from", ASKER, *words])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_writes_a_new_file_and_never_over_another(tmp_path: Path) -> None:
    """What it saw is on the screen as JSON; the file can be used, or nothing answered."""
    named, file = tmp_path / "addresses.txt", tmp_path / "proposed.yaml"
    named.write_text(f"{LOOPBACK}  # this machine\n")
    code, out, said = discover("--targets", str(named), "--write", str(file), "--json")
    seen = json.loads(out)
    assert code == (0 if seen else 1)
    assert "addresses answered" in said
    targets = read_targets(file.read_text(encoding="utf-8"), units={UNIT, "H42"})
    assert [one.address for one in targets.by_name.values()] == [LOOPBACK] * len(seen)
    before = file.read_bytes()
    code, _, said = discover("--targets", LOOPBACK, "--write", str(file))
    assert (code, file.read_bytes()) == (2, before)
    assert "is already there" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--targets", "10.42.0.0/16"], "holds 65,536 addresses; at most 1,024"),
        (["--targets", "no-such-file"], "is no address, no network, and no file"),
        (["--targets", "10.42.1.5/24"], "has host bits set"),
        (["--targets", LOOPBACK, "--credentials", "none.toml"], "read none.toml"),
        (["--targets", LOOPBACK, "--per-second", "500"], "--per-second"),
    ],
)
def test_the_command_asks_nobody_where_it_is_used_wrongly(words: list[str], says: str) -> None:
    """It ends with 2 and says what to do."""
    code, out, said = discover(*words)
    assert (code, out) == (2, "")
    assert says in said
