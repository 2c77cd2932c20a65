"""SNMPv3: who is believed, and what of an engine is remembered."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.receivers import usm
from agents.receivers.ber import SEQUENCE, element, number, write_oid
from agents.receivers.notification import INFORM, TRAP, TRAP_OID, NotSnmp
from agents.receivers.v3_engine import ASKED, DENIED, STALE, Engine, engine_id
from agents.receivers.v3_message import (
    AUTH,
    PRIV,
    REPORTABLE,
    Security,
    read_envelope,
    write_message,
    write_scoped,
)
from tests.receiver_parts import User

OWN, OTHER = engine_id(b"ourselves"), engine_id(b"a device")
SIGNER = User("sha", "SHA", "a word to sign")
HIDER = User("aes", "SHA-256", "a word to sign", "AES", "a word to hide")
PLAIN = User("plain")


def pdu(tag: int) -> bytes:
    kind = element(SEQUENCE, write_oid(TRAP_OID), write_oid("1.3.6.1.6.3.1.1.5.1"))
    return element(tag, number(9), number(0), number(0), element(SEQUENCE, kind))


@dataclass
class Sender:
    """A device that sends as it is told to."""

    user: User = SIGNER
    engine: bytes = OTHER
    boots: int = 5
    time: int = 1_000
    tag: int = TRAP
    flags: int | None = None
    password: str | None = None

    def message(self) -> bytes:
        user = self.user
        if self.password is not None:
            user = User(user.user, user.auth, self.password, user.privacy, user.privacy_password)
        flags = (AUTH if user.auth else 0) | (PRIV if user.privacy else 0)
        flags = (flags if self.flags is None else self.flags) | (
            REPORTABLE if self.tag == INFORM else 0
        )
        keys = usm.keys_of(user, usm.master_of(user), self.engine)
        data, salt = write_scoped(self.engine, b"", pdu(self.tag)), b""
        if flags & PRIV:
            salt = b"saltsalt"
            data = usm.encrypted(user, keys, data, self.boots, self.time, salt)
        blank = bytes(usm.AUTH[user.auth][1]) if flags & AUTH else b""
        who = Security(self.engine, self.boots, self.time, user.user, blank, salt)
        message, at = write_message(3, flags, who, data)
        if not flags & AUTH:
            return message
        return message[:at] + usm.signature(user, keys, message) + message[at + len(blank) :]


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


def receiver(clock: Clock | None = None) -> Engine:
    return Engine([SIGNER, HIDER, PLAIN], OWN, 2, clock or Clock(), 1)


@pytest.mark.parametrize("user", [SIGNER, HIDER, PLAIN], ids=lambda user: user.user)
def test_a_trap_of_a_known_user_is_taken(user: User) -> None:
    """As that user signs and hides."""
    taken = receiver().take(Sender(user).message())
    assert taken.refused == ""
    assert taken.pdu is not None
    assert taken.pdu.said.kind.endswith(".5.1")


@pytest.mark.parametrize(
    "sender",
    [
        Sender(User("nobody")),
        Sender(password="another word"),
        Sender(HIDER, flags=AUTH),
        Sender(SIGNER, flags=0),
        Sender(PLAIN, tag=INFORM),
        Sender(SIGNER, tag=INFORM),
    ],
    ids=[
        "unknown",
        "wrong word",
        "not hidden",
        "not signed",
        "no clock",
        "inform by its own clock",
    ],
)
def test_whoever_does_not_show_who_it_is_is_refused(sender: Sender) -> None:
    """With no answer, and with nothing remembered."""
    taken = receiver().take(sender.message())
    assert (taken.refused, taken.pdu, taken.answer) == (DENIED, None, b"")


def test_a_signature_holds_for_every_byte() -> None:
    """Another byte anywhere, and it is refused or no message at all."""
    good = Sender(HIDER).message()
    for place in range(len(good)):
        engine = receiver()
        changed = good[:place] + bytes((good[place] ^ 1,)) + good[place + 1 :]
        try:
            assert engine.take(changed).refused in (DENIED, ASKED), place
        except NotSnmp:
            continue


def test_an_old_trap_is_refused() -> None:
    """Of an earlier start, or more than 150 s behind what the device said before."""
    clock = Clock()
    engine = receiver(clock)
    assert engine.take(Sender(time=1_000).message()).refused == ""
    clock.now += 200
    assert engine.take(Sender(time=1_060).message()).refused == ""
    assert engine.take(Sender(time=1_049).message()).refused == STALE
    assert engine.take(Sender(boots=4, time=9_000).message()).refused == STALE
    assert engine.take(Sender(boots=6, time=1).message()).refused == ""
    assert engine.take(Sender(time=1_200).message()).refused == STALE


def test_a_forged_clock_is_not_noted() -> None:
    """Only who can sign moves it."""
    engine = receiver()
    assert engine.take(Sender(boots=900, password="another word").message()).refused == DENIED
    assert engine.take(Sender(boots=5).message()).refused == ""


@pytest.mark.parametrize("user", [SIGNER, HIDER], ids=lambda user: user.user)
def test_an_inform_by_our_clock_is_acknowledged(user: User) -> None:
    """And one by a wrong clock is told ours, signed and not hidden."""
    clock = Clock()
    engine = receiver(clock)
    clock.now += 40
    wrong = engine.take(Sender(user, OWN, 0, 0, INFORM).message())
    told = read_envelope(wrong.answer)
    assert wrong.refused == ASKED
    assert (told.security.boots, told.security.time, told.flags) == (2, 40, AUTH)
    right = engine.take(Sender(user, OWN, 2, 45, INFORM).message())
    assert right.pdu is not None
    answer = read_envelope(right.answer)
    assert answer.number == 3
    assert bool(answer.flags & PRIV) == bool(user.privacy)


def test_whoever_asks_who_we_are_is_told() -> None:
    """RFC 3414 section 4: in a report that says no more than that."""
    message, _ = write_message(
        8, REPORTABLE, Security(b"", 0, 0, ""), write_scoped(b"", b"", pdu(TRAP))
    )
    taken = receiver().take(message)
    answer = read_envelope(taken.answer)
    assert (taken.refused, answer.security.engine, answer.flags) == (ASKED, OWN, 0)
    assert len(taken.answer) < 4 * len(message)


def test_salts_never_come_twice() -> None:
    """With the same key the same salt would give away what is hidden."""
    engine = receiver()
    answers = [engine.take(Sender(HIDER, OWN, 2, 0, INFORM).message()).answer for _ in range(20)]
    assert len({read_envelope(answer).security.salt for answer in answers}) == 20


# RFC 3414 appendix A.3: password and engine, key without and with the engine.
@pytest.mark.parametrize(
    ("auth", "master", "local"),
    [
        ("MD5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("SHA", "9fb5cc0381497b3793528939ff788d5d79145211",
         "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)  # fmt: skip
def test_keys_are_those_of_the_standard(auth: str, master: str, local: str) -> None:
    """Its own example."""
    user = User("x", auth, "maplesyrup")
    assert usm.master_of(user).auth.hex() == master
    engine = bytes.fromhex("000000000000000000000002")
    assert usm.keys_of(user, usm.master_of(user), engine).auth.hex() == local


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    """Nothing else is raised, by what is no message at all."""
    try:
        RECEIVER.take(data)
    except NotSnmp:
        return


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_changed_message_is_taken_or_refused(changes: list[tuple[int, int]]) -> None:
    """Of a user who signs nothing, so that what is inside is looked at."""
    message = bytearray(Sender(PLAIN).message())
    for place, value in changes:
        message[place % len(message)] = value
    try:
        RECEIVER.take(bytes(message))
    except NotSnmp:
        return


RECEIVER = receiver()
