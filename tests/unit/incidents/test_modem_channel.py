"""What the relay is asked: the public words on one line, and a call for the severities chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidents.channels.modem import payload
from incidents.outbox import Message
from tests.builders import T0

MESSAGE = Message(
    1, "modem", "An", "0912345678", "page", "first", "S1", "SC26-0001", "m-1", "MỚI",
    "MỚI SC26-0001 S1:\nXã Ấm Hạ.\n", T0, 1, False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "severity", "voice"),
    [
        ("page", "S1", True),
        ("page", "S2", False),
        ("test", "S1", True),
        ("notice", "S1", False),
        ("digest", "S1", False),
        ("answer", "S1", False),
    ],
)
def test_only_pages_of_the_chosen_severities_ring(kind: str, severity: str, voice: bool) -> None:
    """A notice of a recovery wakes nobody."""
    message = replace(MESSAGE, kind=kind, severity=severity)

    assert payload(message, frozenset({"S1"}))["voice"] == voice


def test_relay_gets_one_line_under_the_id_of_the_message() -> None:
    """The same message has the same id, so that the relay sends it once."""
    asked = payload(MESSAGE, frozenset())

    assert asked["text"] == "MỚI SC26-0001 S1: Xã Ấm Hạ."
    assert (asked["id"], asked["number"], asked["severity"]) == ("m-1", "0912345678", "S1")
    assert payload(replace(MESSAGE, repeated=True), frozenset())["text"].startswith("(lặp lại) ")
