"""What both SNMP libraries promise behind one seam, tried on the same devices."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.answer import Answer
from agents.check import SourceError
from agents.snmp.credential import Community, User
from agents.snmp.engine import GUFO, PYSNMP, Failed
from agents.snmp.session import MOST_ROWS, Habits, visit
from tests.probe_servers import LOOPBACK, nobody, udp_server
from tests.snmp_servers import (
    AUTH_PASSWORD,
    PRIVACY_PASSWORD,
    SNMPD_USERS,
    V2,
    answer_to,
    is_kind,
    simulator,
    snmpd,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agents.snmp.credential import Credential
    from agents.snmp.family import Values
    from agents.snmp.session import Session

SYSTEM = "1.3.6.1.2.1.1"
DESCRIPTION, OBJECT_ID, UPTIME, NAME = (f"{SYSTEM}.{number}.0" for number in (1, 2, 3, 5))
ABSENT = f"{SYSTEM}.99.0"
COLUMN, EMPTY = "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.99.1"
RECORDS = f"""\
{DESCRIPTION}|4|Cisco Codec
{OBJECT_ID}|6|1.3.6.1.4.1.5596.150.6.4.1
{UPTIME}|67|4294967295
{NAME}|4x|c490e1baa16961ff
{COLUMN}.1|4|eth0
{COLUMN}.2|4|eth1
1.3.6.1.2.1.2.2.1.5.1|66|1000000000
1.3.6.1.2.1.4.20.1.1.10.0.0.1|64|10.0.0.1
1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615
1.3.6.1.2.1.99.9.1|2|-5
"""
VALUES: Values = {
    DESCRIPTION: b"Cisco Codec",
    OBJECT_ID: "1.3.6.1.4.1.5596.150.6.4.1",
    UPTIME: 4_294_967_295,
    NAME: b"\xc4\x90\xe1\xba\xa1ia\xff",
}
ENGINES = pytest.mark.parametrize("engine", [GUFO, PYSNMP])
VERSIONS = pytest.mark.parametrize("version", ["1", "2c"])
GARBAGE = [b"\0", b"", b"o#", b"\xff" * 70, b"220 hello\r\n", b"\x30\x84\xff" * 9]
SECONDS = 0.6
PUBLIC = Community("2c", "public")


@pytest.fixture(scope="module")
def codec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A device with records of our own, community `codec`."""
    with simulator(tmp_path_factory.mktemp("simulator"), {"codec": RECORDS}) as port:
        yield port


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real agent that knows users."""
    with snmpd(tmp_path_factory.mktemp("snmpd")) as port:
        yield port


def asked(
    engine: str,
    port: int,
    ask: Callable[[Session], Any],
    credential: Credential = PUBLIC,
    *,
    seconds: float = SECONDS,
    habits: Habits = Habits(),  # noqa: B008
) -> Any:
    with visit(
        LOOPBACK,
        port,
        credential,
        limit_seconds=seconds,
        monotonic=time.monotonic,
        habits=habits,
        engine=engine,
    ) as session:
        return ask(session)


def failure(
    engine: str, port: int, credential: Credential = PUBLIC, seconds: float = SECONDS
) -> tuple[Answer, bool]:
    with pytest.raises(Failed) as caught:
        asked(engine, port, lambda s: s.get([DESCRIPTION, UPTIME]), credential, seconds=seconds)
    return caught.value.answer, caught.value.is_guess


@ENGINES
@VERSIONS
def test_reads_leaves_of_every_kind(engine: str, version: str, codec: int) -> None:
    """Numbers are numbers, octets stay octets, identifiers are text; an absent leaf is left out."""
    credential = Community(version, "codec")
    leaves = [DESCRIPTION, OBJECT_ID, ABSENT, UPTIME, NAME]
    assert asked(engine, codec, lambda s: s.get(leaves), credential, seconds=5) == VALUES
    assert asked(engine, codec, lambda s: s.get([ABSENT]), credential, seconds=5) == {}


@ENGINES
@VERSIONS
def test_walks_a_column_and_no_further(engine: str, version: str, codec: int) -> None:
    """Also one that is not there, an address, and a negative number."""
    columns = [COLUMN, EMPTY, "1.3.6.1.2.1.4.20.1.1", "1.3.6.1.2.1.99.9"]
    found = asked(
        engine,
        codec,
        lambda s: [s.walk(one) for one in columns],
        Community(version, "codec"),
        seconds=5,
    )
    assert found == [
        {f"{COLUMN}.1": b"eth0", f"{COLUMN}.2": b"eth1"},
        {},
        {"1.3.6.1.2.1.4.20.1.1.10.0.0.1": "10.0.0.1"},
        {"1.3.6.1.2.1.99.9.1": -5},
    ]


@ENGINES
def test_counters_of_64_bits_are_whole(engine: str, codec: int) -> None:
    """The largest there is; SNMP 1 has none of them."""
    column = "1.3.6.1.2.1.31.1.1.1.6"
    found = asked(engine, codec, lambda s: s.walk(column), Community("2c", "codec"), seconds=5)
    assert found == {f"{column}.1": 2**64 - 1}


@ENGINES
def test_asks_for_more_than_fits_into_one_question(engine: str, gate: int) -> None:
    """Two hundred leaves, of which snmpd has two."""
    leaves = [DESCRIPTION, *(f"{SYSTEM}.9.1.77.{number}" for number in range(200)), NAME]
    found = asked(engine, gate, lambda s: s.get(leaves), seconds=10)
    assert set(found) == {DESCRIPTION, NAME}
    assert found[NAME] == b"gate-1"


@ENGINES
@pytest.mark.parametrize("user", SNMPD_USERS, ids=lambda user: str(user[0]))
def test_knows_users(engine: str, user: tuple[str, str, str, str], gate: int) -> None:
    """Each with what it has to say, at a real agent; a table as well."""
    credential = user_of(*user[:3])
    found = asked(
        engine, gate, lambda s: (s.get([NAME]), s.walk(f"{SYSTEM}.9.1.3")), credential, seconds=5
    )
    assert found[0] == {NAME: b"gate-1"}
    assert len(found[1]) > 5


def user_of(name: str, auth: str, privacy: str) -> User:
    return User(
        name, auth, AUTH_PASSWORD if auth else "", privacy, PRIVACY_PASSWORD if privacy else ""
    )


@ENGINES
@pytest.mark.parametrize(
    "credential",
    [
        Community("1", "wrong"),
        Community("2c", "wrong"),
        User("nobody"),
        User("md5", "MD5", "wrong-password"),
        User("aes", "SHA", AUTH_PASSWORD, "AES", "wrong-password"),
        User("aes", "SHA", AUTH_PASSWORD),
        User("md5"),
    ],
    ids=lambda one: f"{one.version}-{getattr(one, 'user', '')}-{getattr(one, 'privacy', '')}",
)
def test_wrong_credentials_are_denied(engine: str, credential: Credential, gate: int) -> None:
    """Also where the device says nothing: it speaks to anybody else."""
    assert failure(engine, gate, credential, 2)[0] is Answer.DENIED


@ENGINES
def test_a_device_that_restarts_is_read_again(engine: str, tmp_path: Path) -> None:
    """Its clock began anew, and with nothing kept it is even another one."""
    credential = user_of("aes", "SHA", "AES")
    with snmpd(tmp_path / "first") as port:
        assert asked(engine, port, lambda s: s.get([NAME]), credential, seconds=5)
    for kept in ("first", "second"):
        with snmpd(tmp_path / kept, port):
            found = asked(engine, port, lambda s: s.get([NAME]), credential, seconds=8)
            assert found == {NAME: b"gate-1"}


@ENGINES
def test_refused(engine: str) -> None:
    """The host is there and nobody listens."""
    with nobody(socket.SOCK_DGRAM) as port:
        assert failure(engine, port) == (Answer.REFUSED, False)


@ENGINES
def test_a_dead_device_costs_two_seconds(engine: str) -> None:
    """However long the whole visit may take."""
    with udp_server(lambda _: []) as port:
        started_at = time.monotonic()
        assert failure(engine, port, seconds=30) == (Answer.SILENT, False)
        assert 1.9 < time.monotonic() - started_at < 3


@ENGINES
def test_slow(engine: str) -> None:
    """An answer after the time of a question is none."""
    over = threading.Event()

    def late(data: bytes) -> list[bytes]:
        over.wait(2 * SECONDS)
        return [answer_to(data, lambda asked: [(one, V2.Integer(1)) for one in asked])]

    with udp_server(late) as port:
        assert failure(engine, port) == (Answer.SILENT, False)
        over.set()


@ENGINES
@pytest.mark.parametrize(
    "data", [b"\0", b"", b"o#", b"\xff" * 70, b"220 hello\r\n", b"\x30\x84\xff" * 9]
)
def test_garbage(engine: str, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """What is not SNMP is garbage, whichever library could not read it; nothing of it is logged."""
    with udp_server(lambda _: [data]) as port:
        assert failure(engine, port) == (Answer.GARBAGE, False)
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


@ENGINES
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=200))
def test_any_bytes(engine: str, data: bytes) -> None:
    """Whatever comes, it is a failure of the closed list, and in time."""
    with udp_server(lambda _: [data]) as port:
        started_at = time.monotonic()
        failure(engine, port, seconds=0.1)
        assert time.monotonic() - started_at < 1


@ENGINES
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.integers(0, 60), byte=st.integers(0, 255), cut=st.integers(0, 60))
def test_any_damage(engine: str, place: int, byte: int, cut: int) -> None:
    """An answer with one byte changed or its end gone is read, or is none; nothing else happens."""

    def damaged(data: bytes) -> list[bytes]:
        whole = bytearray(answer_to(data, ones) if is_kind(data, "GetRequestPDU") else b"\0")
        if place < len(whole):
            whole[place] = byte
        return [bytes(whole[: len(whole) - cut])]

    with udp_server(damaged) as port:
        try:
            found = asked(engine, port, lambda s: s.get([DESCRIPTION, UPTIME]), seconds=0.1)
        except Failed as failed:
            # Some damage leaves no more than another number, or an error.
            problem = failed.answer
            assert problem is not Answer.RIGHT
        else:
            assert set(found) <= {DESCRIPTION, UPTIME}


def ones(leaves: list[str]) -> list[tuple[str, Any]]:
    return [(leaf, V2.Integer(1)) for leaf in leaves]


def nulls(leaves: list[str]) -> list[tuple[str, Any]]:
    return [(leaf, V2.Null("")) for leaf in leaves]


@ENGINES
def test_too_big_is_asked_in_parts(engine: str) -> None:
    """A device that can answer only two leaves at once is read all the same."""

    def small(data: bytes) -> list[bytes]:
        count: list[int] = []

        def few(leaves: list[str]) -> list[tuple[str, Any]]:
            count.append(len(leaves))
            return ones(leaves)

        right = answer_to(data, few)
        return [right if count[0] <= 2 else answer_to(data, nulls, status=1)]

    leaves = [f"1.3.6.1.4.1.9.{number}.0" for number in range(9)]
    with udp_server(lambda data: small(data) if is_kind(data, "GetRequestPDU") else []) as port:
        found = asked(engine, port, lambda s: s.get(leaves), seconds=10)
    assert found == dict.fromkeys(leaves, 1)


@ENGINES
def test_an_error_for_everything_is_out_of_service(engine: str) -> None:
    """It answers that it cannot."""

    def broken(data: bytes) -> list[bytes]:
        return [answer_to(data, nulls, status=5, place=1)] if is_kind(data, "GetRequestPDU") else []

    with udp_server(broken) as port:
        assert failure(engine, port) == (Answer.OUT_OF_SERVICE, False)


@ENGINES
@pytest.mark.parametrize("way", ["silent", "error"])
def test_a_device_without_getbulk_is_walked_by_getnext(engine: str, way: str) -> None:
    """Found out once: the next visit is told so."""
    table = [f"{COLUMN}.{number}" for number in (1, 2, 3)]

    def old(data: bytes) -> list[bytes]:
        if is_kind(data, "GetNextRequestPDU"):
            return [answer_to(data, lambda asked: ones([after(asked[0], table)]))]
        if is_kind(data, "GetBulkRequestPDU"):
            return [] if way == "silent" else [answer_to(data, nulls, status=5, place=1)]
        return [answer_to(data, ones)]

    def visit_it(session: Session) -> tuple[Values, Habits]:
        session.get([DESCRIPTION])
        return session.walk(COLUMN), session.habits

    with udp_server(old) as port:
        found, habits = asked(engine, port, visit_it, seconds=5)
        assert found == dict.fromkeys(table, 1)
        assert habits.is_bulk_bad
        started_at = time.monotonic()
        assert asked(engine, port, visit_it, habits=habits)[0] == found
        assert time.monotonic() - started_at < SECONDS


@ENGINES
def test_a_column_too_big_for_getbulk_is_walked_by_getnext(engine: str) -> None:
    """That one alone: the others, and the next visit, go on as before."""
    big = f"{COLUMN}.1"
    table = [f"1.3.6.1.2.1.2.2.1.1.{number}" for number in (1, 2)]

    def large(data: bytes) -> list[bytes]:
        if is_kind(data, "GetNextRequestPDU"):
            return [answer_to(data, lambda asked: ones([after(asked[0], [big])]))]

        def rows(asked: list[str]) -> list[tuple[str, Any]]:
            return ones([*table, "1.3.6.1.2.1.2.2.1.1.9.9"])

        is_big = b"\x2b\x06\x01\x02\x01\x02\x02\x01\x02" in data  # COLUMN
        return [answer_to(data, nulls, status=1) if is_big else answer_to(data, rows)]

    with udp_server(large) as port:
        first = "1.3.6.1.2.1.2.2.1.1"
        found, habits = asked(
            engine,
            port,
            lambda s: ({**s.walk(first), **s.walk(COLUMN)}, s.habits),
            seconds=5,
        )
    assert big in found
    assert set(table) <= set(found)
    assert not habits.is_bulk_bad


def after(asked: str, table: list[str]) -> str:
    later = [one for one in table if one > asked]
    return later[0] if later else "1.3.6.1.9"


@ENGINES
@pytest.mark.parametrize("way", ["same", "back", "null"])
def test_a_walk_that_goes_nowhere_ends(engine: str, way: str) -> None:
    """The same row again, a row from before, and rows of nothing for ever."""
    numbers = iter(range(1, 10**6))

    def wrong(_: list[str]) -> list[tuple[str, Any]]:
        if way == "null":
            return [(f"{COLUMN}.{next(numbers)}", V2.Null("")) for _ in range(200)]
        rows = [f"{COLUMN}.1", f"{COLUMN}.2", f"{COLUMN}.1"]
        return ones(rows[:1] if way == "same" else rows)

    with udp_server(lambda data: [answer_to(data, wrong)]) as port:
        found = asked(engine, port, lambda s: s.walk(COLUMN), seconds=20)
    assert len(found) <= 2


@ENGINES
def test_an_endless_walk_is_bounded_by_rows_and_by_time(engine: str) -> None:
    """Whichever comes first."""
    numbers = iter(range(1, 10**6))

    def more(count: int) -> Callable[[bytes], list[bytes]]:
        return lambda data: [
            answer_to(data, lambda _: ones([f"{COLUMN}.{next(numbers)}" for _ in range(count)]))
        ]

    with udp_server(more(150)) as port:
        assert len(asked(engine, port, lambda s: s.walk(COLUMN), seconds=60)) == MOST_ROWS
    with udp_server(more(1)) as port:
        started_at = time.monotonic()
        with pytest.raises(Failed) as caught:
            asked(engine, port, lambda s: [s.walk(COLUMN) for _ in range(50)], seconds=SECONDS)
        assert caught.value.answer is Answer.WRONG_CONTENT
        assert time.monotonic() - started_at < SECONDS + 1


@ENGINES
def test_one_question_at_a_time(engine: str) -> None:
    """Whoever else asks the same device waits, and is told when it took too long."""
    inside, over = threading.Event(), threading.Event()

    def hold(_: Session) -> None:
        inside.set()
        over.wait(10)

    with udp_server(lambda data: [answer_to(data, ones)]) as port:
        first = threading.Thread(target=asked, args=(engine, port, hold))
        first.start()
        assert inside.wait(5)
        with pytest.raises(SourceError, match="another probe was not done"):
            asked(engine, port, lambda s: s.get([NAME]), seconds=0.1)
        over.set()
        first.join(5)
        assert asked(engine, port, lambda s: s.get([NAME])) == {NAME: 1}


@ENGINES
def test_this_host_cannot_ask(engine: str) -> None:
    """The broadcast address is nobody's: a failure of ours with its reason."""
    with (
        pytest.raises(SourceError, match="This host cannot ask it"),
        visit(
            "255.255.255.255", 9, PUBLIC, limit_seconds=1, monotonic=time.monotonic, engine=engine
        ) as session,
    ):
        session.get([NAME])
