"""The commands that look at an agent without running it: status, identity, selftest."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents import last_sent, texts
from agents.identity import load, load_or_create
from agents.settings import SettingsError

if TYPE_CHECKING:
    from agents.report import Sample
    from agents.scanner import LoadFailure
    from agents.settings import Settings

FINE, BAD, USAGE = 0, 1, 2
STATUS_FRESH_INTERVALS = 6


def status(settings: Settings, *, as_json: bool, raw: bool, now: float) -> int:
    """Print who this agent is and exactly what it sent last; bad when that did not arrive.

    Args:
        now: Unix time in seconds.
    """
    try:
        own = load(settings.data)
    except FileNotFoundError:
        raise SettingsError(f"no agent has run with data directory {settings.data}") from None
    sent = last_sent.read(settings.data)
    if raw:
        sys.stdout.write("" if sent is None else sent.text())
    elif as_json:
        found: dict[str, Any] = {"agent": own.agent, "public_key": own.public_key_text}
        if sent is not None:
            found |= asdict(sent) | {"body": json.loads(sent.text())}
        print(json.dumps(found, ensure_ascii=False))
    else:
        lines = ["nothing was sent yet"] if sent is None else texts.status_lines(sent)
        print(*texts.identity_lines(own), *lines, sep="\n")
    if sent is None or not sent.is_accepted:
        return BAD
    is_fresh = now - sent.sent_at < STATUS_FRESH_INTERVALS * settings.interval_seconds
    return FINE if is_fresh else BAD


def identity(settings: Settings, *, as_json: bool) -> int:
    """Print the id and the public key, making the key where there is none."""
    own = load_or_create(settings.data)
    if as_json:
        print(json.dumps({"agent": own.agent, "public_key": own.public_key_text}))
    else:
        print(*texts.identity_lines(own), sep="\n")
    return FINE


def selftest(
    samples: list[Sample], failures: tuple[LoadFailure, ...], *, as_json: bool, verbose: bool
) -> int:
    """Print what each check saw in its one run and how long it took."""
    if as_json:
        print(json.dumps([sample._asdict() for sample in samples], ensure_ascii=False))
    else:
        print(*texts.selftest_lines(samples, verbose=verbose), sep="\n")
        for failure in failures:
            print(f"FAILED {failure.module}: cannot be loaded: {failure.reason}")
    is_good = all(s.value == 1 for s in samples if s.name == "wanwatch_check_success")
    return FINE if is_good else BAD
