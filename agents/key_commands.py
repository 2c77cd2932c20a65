"""The commands about this machine's key: enrol it, change it."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from agents import enrolment, rotation, texts
from agents.enrolment import ENROL_PATH, NotEnrolled
from agents.exit_codes import BAD, FINE
from agents.files import lock
from agents.identity import (
    KEY_FILE,
    NEXT_KEY_FILE,
    load,
    load_or_create,
    load_or_create_next,
    put_aside,
)
from agents.only_one import only_one
from agents.rotation import ROTATE_PATH, KeyRing
from agents.settings import read_token
from agents.words import is_vietnamese, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from types import SimpleNamespace

    from agents.sender import Poster
    from agents.settings import Settings

log = logging.getLogger(__name__)
WAIT_SECONDS = 30.0


def enrol(
    settings: Settings,
    given: argparse.Namespace | SimpleNamespace,
    *,
    host: str,
    new_poster: Callable[[str], Poster],
) -> int:
    """Let this machine's key report for the unit of a token; with a new key, begin anew first.

    Args:
        host: The machine's own name.
        new_poster: Returns what posts to a path of the collector.
    """
    token = read_token(given.token, given.token_file)
    if given.new_key and (settings.data / KEY_FILE).exists():
        with only_one(settings):
            aside = put_aside(settings.data)
        log.warning("the old key and its reports are in %s", aside)
    language = "vi" if is_vietnamese() else ""
    poster, identity = new_poster(ENROL_PATH), load_or_create(settings.data)
    try:
        place = enrolment.enrol(
            identity, poster, token=token, host=given.host or host, language=language
        )
    except NotEnrolled as error:
        print(say("wanwatch-agent: not enrolled: {error}", error=error), file=sys.stderr)
        return BAD
    finally:
        poster.close()
    if given.json:
        print(json.dumps(asdict(place), ensure_ascii=False))
    else:
        print(*texts.place_lines(place), sep="\n")
    return FINE


def rotate(
    settings: Settings,
    *,
    new_poster: Callable[[str], Poster],
    wait: Callable[[Callable[[], bool], float], bool],
) -> int:
    """Change this machine's key now; a running agent does it itself, as soon as it looks.

    Args:
        wait: Waits until a condition holds, at most so many seconds; returns whether it does.
    """
    before = load(settings.data)
    try:
        held = lock(settings.data / "lock")
    except BlockingIOError:
        load_or_create_next(settings.data, before.agent)
        if not wait(lambda: not (settings.data / NEXT_KEY_FILE).exists(), WAIT_SECONDS):
            said = say(
                "wanwatch-agent: the running agent has not changed the key yet; it goes on "
                "trying, see its log"
            )
            print(said, file=sys.stderr)
            return BAD
    else:
        with held:
            poster = new_poster(ROTATE_PATH)
            changed = rotation.change_key(settings.data, KeyRing(before), poster)
            poster.close()
        if changed.refusal:
            why = changed.refusal
            print(say("wanwatch-agent: not changed: {why}", why=why), file=sys.stderr)
            return BAD
    print(*texts.identity_lines(load(settings.data)), sep="\n")
    return FINE
