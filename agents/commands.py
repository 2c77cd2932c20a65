"""The commands that look at an agent without running it: status, identity, selftest."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents import last_sent, texts
from agents.exit_codes import BAD, FINE
from agents.identity import load, load_or_create
from agents.settings import SettingsError
from agents.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.report import Sample
    from agents.settings import Settings

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
        lines = [say("nothing was sent yet")] if sent is None else texts.status_lines(sent)
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
    samples: list[Sample], reasons: Mapping[str, str], *, as_json: bool, verbose: bool
) -> int:
    """Print what each check saw in its one run and how long it took; bad when one failed.

    Args:
        samples: Of one turn, in its order.
        reasons: By check, why it gave no values.
    """
    seen = list(texts.by_check(samples, reasons))
    if as_json:
        found = [s._asdict() | {"values": [v._asdict() for v in s.values]} for s in seen]
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(*texts.selftest_lines(seen, verbose=verbose), sep="\n")
    return FINE if all(s.is_good for s in seen) else BAD
