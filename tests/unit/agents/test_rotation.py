"""The change of a key: cut short anywhere, it goes on; the id stays, and nothing is lost."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from agents.delivery import Answer
from agents.identity import KEY_FILE, NEXT_KEY_FILE, IdentityError, agent_id, load, load_or_create
from agents.report import SIGNATURE_HEADER
from agents.rotation import DAY_SECONDS, KeyRing, Rotation, change_key, due_seconds, proof

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Collector:
    """Holds one key and decides as the collector does; may lose an answer or be away."""

    def __init__(self, key: bytes) -> None:
        self.key, self.previous = key, b""
        self.fate: list[str] = []
        self.asked: list[dict[str, Any]] = []

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        fate = self.fate.pop(0) if self.fate else ""
        if fate == "away":
            return Answer(None, reason="no route")
        said = json.loads(body)
        self.asked.append(said)
        old, new = (base64.b64decode(said[name]) for name in ("public_key", "new_public_key"))
        signature = base64.b64decode(headers[SIGNATURE_HEADER])
        VerifyKey(new).verify(proof(said["agent"], old, new), base64.b64decode(said["proof"]))
        if (old, new) == (self.previous, self.key):
            signer = self.key if fate == "a day later" else self.previous
            if not _is_by(signer, body, signature):
                return Answer(401, {"reason_en": "by no key of this agent"})
        elif old == self.key:
            VerifyKey(old).verify(body, signature)
            self.key, self.previous = new, old
        else:
            return Answer(401, {})
        return Answer(None, reason="lost") if fate == "answer lost" else Answer(200, {})

    def abort(self) -> None: ...

    def close(self) -> None: ...


def _is_by(key: bytes, body: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(key).verify(body, signature)
    except BadSignatureError:
        return False
    return True


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """An agent's first key."""
    return KeyRing(load_or_create(tmp_path))


def test_changed_key_keeps_the_id(tmp_path: Path, ring: KeyRing) -> None:
    """On disk and in use at once; after a start the id is still the first key's."""
    first = ring.identity
    collector = Collector(first.public_key)

    assert change_key(tmp_path, ring, collector).refusal == ""

    after = load(tmp_path)
    assert after.agent == ring.agent == first.agent == agent_id(first.public_key)
    assert after.public_key == ring.identity.public_key == collector.key != first.public_key
    assert not (tmp_path / NEXT_KEY_FILE).exists()
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert change_key(tmp_path, ring, collector).refusal == ""
    assert load(tmp_path).agent == first.agent


@pytest.mark.parametrize("fates", [["away"], ["answer lost"], ["answer lost", "a day later"]])
def test_change_that_is_cut_short_goes_on(tmp_path: Path, ring: KeyRing, fates: list[str]) -> None:
    """Whatever was lost, the next try ends with the same key on both sides."""
    collector = Collector(ring.identity.public_key)
    collector.fate = [*fates, *fates[1:]]
    assert change_key(tmp_path, ring, collector).refusal != ""
    laid_down = (tmp_path / NEXT_KEY_FILE).read_bytes()
    # The process ended here: the next one starts with what is on disk.
    again = KeyRing(load(tmp_path))
    assert change_key(tmp_path, again, collector).refusal == ""
    assert (tmp_path / KEY_FILE).read_bytes() == laid_down
    assert again.identity.public_key == collector.key


def test_refused_change_leaves_the_old_key_good(tmp_path: Path, ring: KeyRing) -> None:
    """A collector that does not know the key changes nothing here."""
    before = (tmp_path / KEY_FILE).read_bytes()
    collector = Collector(b"x" * 32)
    assert "401" in change_key(tmp_path, ring, collector).refusal
    assert (tmp_path / KEY_FILE).read_bytes() == before
    assert ring.identity.public_key == load(tmp_path).public_key


def test_key_changes_when_it_is_old_or_asked_for(tmp_path: Path, ring: KeyRing) -> None:
    """After 180 days and up to a week; at once when a new key was laid down."""
    collector = Collector(ring.identity.public_key)
    made_at = (tmp_path / KEY_FILE).stat().st_mtime
    now = made_at
    rotation = Rotation(tmp_path, ring, collector, key_days=180, now=lambda: now)
    assert not rotation.turn()
    now = made_at + 180 * DAY_SECONDS - 1
    assert not rotation.turn()
    now = made_at + 187 * DAY_SECONDS
    assert rotation.turn()
    never = Rotation(tmp_path, ring, collector, key_days=0, now=lambda: now + 1e9)
    assert not never.turn()
    assert len(collector.asked) == 1


def test_failed_change_is_tried_again_later_and_later(tmp_path: Path, ring: KeyRing) -> None:
    """A collector that is away is asked once a minute, then once an hour, never in a storm."""
    collector = Collector(ring.identity.public_key)
    collector.fate = ["away"] * 1_000
    now = (tmp_path / KEY_FILE).stat().st_mtime + 200 * DAY_SECONDS
    rotation = Rotation(tmp_path, ring, collector, key_days=180, now=lambda: now)
    for _ in range(DAY // 5):
        rotation.turn()
        now += 5
    assert 24 <= 1_000 - len(collector.fate) <= 32


DAY = 86_400


def test_agents_of_one_day_do_not_change_on_one_day() -> None:
    """A roll-out of a thousand is spread over a week."""
    days = sorted(due_seconds(f"a-{n:016x}", 0.0, 180) / DAY_SECONDS for n in range(1_000))
    assert 180 <= days[0] < 180.1
    assert 186.9 < days[-1] <= 187
    per_day = [sum(180 + d <= day < 181 + d for day in days) for d in range(7)]
    assert max(per_day) < 200


@pytest.mark.parametrize("second", ["a-xyz", "a-" + "0" * 17, "root"])
def test_key_file_with_something_else_in_it_is_named(tmp_path: Path, second: str) -> None:
    """A damaged file stops the start with what to do."""
    load_or_create(tmp_path)
    path = tmp_path / KEY_FILE
    path.write_bytes(path.read_bytes() + second.encode() + b"\n")
    with pytest.raises(IdentityError, match="not an agent's id"):
        load(tmp_path)
