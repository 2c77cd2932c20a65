"""Syslog as real senders send it: the standard library's handler, logger, and plain sockets."""

from __future__ import annotations

import logging
import logging.handlers
import shutil
import socket
import subprocess

import pytest

from agents.receivers.syslog_taken import BELOW, MALFORMED, STRANGER, TAKEN, TOO_MANY
from tests.conftest import missing
from tests.receiver_parts import Heard, hearing_syslog, syslog_taken


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_message_of_the_standard_library_is_an_event(kind: socket.SocketKind) -> None:
    """Over UDP, and over TCP, where it ends in a null and a new line is appended by us."""
    heard = Heard()
    with hearing_syslog(heard, syslog_taken(heard)) as ports:
        place = ("127.0.0.1", ports[kind == socket.SOCK_STREAM])
        handler = logging.handlers.SysLogHandler(place, facility="local7", socktype=kind)
        handler.ident = "codec: "
        handler.append_nul = kind == socket.SOCK_DGRAM
        lines = "the fan stands still" + ("\n" if kind == socket.SOCK_STREAM else "")
        handler.emit(logging.LogRecord("x", logging.ERROR, "", 0, lines, None, None))
        (event,) = heard.wait_for(1)
        handler.close()

    assert (event.kind, event.detail) == ("syslog", "the fan stands still")
    assert event.labels == {
        "address": "127.0.0.1", "facility": "local7", "severity": "error", "app": "codec",
    }  # fmt: skip
    assert heard.hints.take(0) == {"127.0.0.1"}


@pytest.mark.parametrize("form", ["--rfc3164", "--rfc5424"])
@pytest.mark.parametrize("way", [["--udp"], ["--tcp"], ["--tcp", "--octet-count"]])
def test_a_message_of_logger_is_an_event(form: str, way: list[str]) -> None:
    """Both forms over UDP, and over TCP by lines and by counts."""
    program = shutil.which("logger")
    if program is None:
        missing("logger (Debian package bsdutils)")
    heard = Heard()
    with hearing_syslog(heard, syslog_taken(heard)) as ports:
        command = [program, form, *way, "--server", "127.0.0.1", "--priority", "daemon.warning"]
        command += ["--port", str(ports["--tcp" in way]), "--tag", "router", "line 3 is down"]
        subprocess.run(command, check=True, timeout=20)
        (event,) = heard.wait_for(1)

    assert event.detail == "line 3 is down"
    assert event.labels["app"] == "router"
    assert event.labels["severity"] == "warning"
    assert event.labels["device"]


def test_what_is_not_wanted_is_counted_and_forgotten() -> None:
    """Less severe, no syslog at all: a number each, and the connection goes on being read."""
    heard = Heard()
    taken = syslog_taken(heard)
    with (
        hearing_syslog(heard, taken) as (_, tcp),
        socket.create_connection(("127.0.0.1", tcp)) as sender,
    ):
        sender.sendall(b"<134>all is well\nGET / HTTP/1.0\n26 <131>counted and in a form\n")
        sender.sendall(b"<131>the last\n")
        heard.wait_for(2)

    assert [event.detail for event in heard.events] == ["counted and in a form", "the last"]
    assert (taken.messages[BELOW], taken.messages[MALFORMED]) == (1, 1)
    assert taken.messages[TAKEN] == 2


def test_a_stream_that_is_cut_in_no_known_way_is_closed() -> None:
    """A line without an end costs no memory: the sender is cut off."""
    heard = Heard()
    taken = syslog_taken(heard)
    with (
        hearing_syslog(heard, taken) as (_, tcp),
        socket.create_connection(("127.0.0.1", tcp), timeout=10) as sender,
    ):
        sender.sendall(b"<131>" + b"x" * 9_000)
        assert sender.recv(1) == b""

    assert taken.messages[MALFORMED] == 1
    assert heard.events == []


def test_strangers_and_too_many_connections_are_closed_at_once() -> None:
    """Whoever is not let in is not read; nobody has more than his share of connections."""
    heard = Heard()
    stranger = syslog_taken(heard, networks=["10.0.0.0/8"])
    with (
        hearing_syslog(heard, stranger) as (_, tcp),
        socket.create_connection(("127.0.0.1", tcp), timeout=10) as sender,
    ):
        assert sender.recv(1) == b""
    taken = syslog_taken(heard)
    with hearing_syslog(heard, taken) as (_, tcp):
        senders = [socket.create_connection(("127.0.0.1", tcp), timeout=10) for _ in range(9)]
        assert senders[8].recv(1) == b""
        for sender in senders:
            sender.close()

    assert stranger.messages[STRANGER] == 1
    assert taken.messages[TOO_MANY] == 1
