"""Traps and informs as real senders send them: net-snmp's own tools, and pysnmp."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import Any

import pytest

from agents.receivers.v3_engine import ASKED, DENIED
from tests.conftest import missing
from tests.receiver_parts import ENGINE_ID, Heard, User, hearing_traps, traps_taken

LINK_DOWN = ("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7")
POLY_LOSS = (
    "1.3.6.1.4.1.13885.101.0.85",
    *("1.3.6.1.4.1.13885.101.1.99.3.0", "i", "1"),
    *("1.3.6.1.4.1.13885.101.1.99.5.0", "s", "call-4/video"),
    *("1.3.6.1.4.1.13885.101.1.99.6.0", "s", "Mất gói quá nhiều"),
)
AUTH_WORD, PRIV_WORD = "a word to sign", "a word to hide"
USERS = [
    User("reader"),
    User("md5", "MD5", AUTH_WORD),
    User("sha", "SHA", AUTH_WORD, "AES", PRIV_WORD),
    User("des", "MD5", AUTH_WORD, "DES", PRIV_WORD),
    User("sha256", "SHA-256", AUTH_WORD, "AES", PRIV_WORD),
    User("sha512", "SHA-512", AUTH_WORD, "AES-256", PRIV_WORD),
    User("cisco", "SHA", AUTH_WORD, "AES-256-C", PRIV_WORD),
    User("longest", "SHA-384", AUTH_WORD, "AES-192", PRIV_WORD),
    User("older", "SHA-224", AUTH_WORD, "3DES", PRIV_WORD),
]


def send(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a sender of net-snmp."""
    program = shutil.which(tool)
    if program is None:
        missing(f"{tool} (Debian package snmp)")
    command = [program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env={"HOME": "/"})


def of_user(user: User) -> list[str]:
    """Return how net-snmp's tools are told who they are."""
    if not user.auth:
        return ["-u", user.user, "-l", "noAuthNoPriv"]
    signed = ["-u", user.user, "-a", user.auth, "-A", user.auth_password]
    if not user.privacy:
        return [*signed, "-l", "authNoPriv"]
    return [*signed, "-l", "authPriv", "-x", user.privacy, "-X", user.privacy_password]


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_trap_of_net_snmp_is_an_event_and_a_hint(version: str) -> None:
    """An interface that went down, by the name that the device gives it."""
    heard = Heard()
    named = ("1.3.6.1.2.1.2.2.1.2.7", "s", "GigabitEthernet0/7")
    own = ["1.3.6.1.4.1.9", "10.0.0.9", "2", "0"] if version == "1" else [LINK_DOWN[0]]
    with hearing_traps(heard, traps_taken(heard)):
        sent = send(
            "snmptrap", "-v", version, "-c", "public", f"127.0.0.1:{heard.port}",
            *(own if version == "1" else ["", *own]), *(["42"] if version == "1" else []),
            *LINK_DOWN[1:], *named,
        )  # fmt: skip
        assert sent.returncode == 0, sent.stderr
        (event,) = heard.wait_for(1)

    assert event.kind == "trap.link"
    expected = {
        "address": "127.0.0.1", "phase": "problem", "key": "7", "interface": "GigabitEthernet0/7",
    }  # fmt: skip
    assert event.labels == expected | ({"device": "10.0.0.9"} if version == "1" else {})
    assert heard.hints.take(0) == {"127.0.0.1"}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_inform_of_net_snmp_is_answered(address: str) -> None:
    """The tool ends well only when it was acknowledged."""
    heard = Heard()
    with hearing_traps(heard, traps_taken(heard), address):
        target = f"udp6:[::1]:{heard.port}" if address == "::1" else f"{address}:{heard.port}"
        sent = send(
            "snmpinform", "-v", "2c", "-c", "public", "-r", "1", "-t", "2", target, "", *POLY_LOSS
        )
        assert sent.returncode == 0, sent.stderr
        (event,) = heard.wait_for(1)

    assert (event.kind, event.detail) == ("trap.call_loss", "Mất gói quá nhiều")
    assert event.labels["key"] == "call-4/video"


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.user)
@pytest.mark.parametrize("tool", ["snmptrap", "snmpinform"])
def test_version_three_of_net_snmp_is_taken(tool: str, user: User) -> None:
    """Every way to sign and to hide that the tool was built with; an inform is acknowledged."""
    heard = Heard()
    taken = traps_taken(heard, users=USERS)
    engine = ["-e", "0x8000000001020304"] if tool == "snmptrap" else ["-r", "1", "-t", "2"]
    with hearing_traps(heard, taken):
        target = f"127.0.0.1:{heard.port}"
        sent = send(tool, "-v", "3", *engine, *of_user(user), target, "", *POLY_LOSS)
        if sent.returncode and "nvalid p" in sent.stderr:
            pytest.skip(f"this {tool} was built without {user.auth} {user.privacy}")
        assert sent.returncode == 0, sent.stderr
        (event,) = heard.wait_for(1)

    assert event.kind == "trap.call_loss"
    assert taken.messages[DENIED] == 0
    assert (taken.messages[ASKED] > 0) == (tool == "snmpinform")


def test_version_three_with_a_wrong_password_is_refused() -> None:
    """It is counted, no event comes of it, and the sender waits in vain."""
    heard = Heard()
    taken = traps_taken(heard, users=USERS)
    wrong = User("sha", "SHA", "another word", "AES", PRIV_WORD)
    with hearing_traps(heard, taken):
        target = f"127.0.0.1:{heard.port}"
        trap = ("snmptrap", "-v", "3", "-e", "0x8000000001020304", *of_user(wrong), target, "")
        assert send(*trap, *POLY_LOSS).returncode == 0
        inform = ("snmpinform", "-v", "3", "-r", "0", "-t", "1", *of_user(wrong), target, "")
        assert send(*inform, *POLY_LOSS).returncode != 0

    assert heard.events == []
    assert taken.messages[DENIED] >= 2


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.user)
@pytest.mark.parametrize("kind", ["trap", "inform"])
def test_version_three_of_pysnmp_is_taken(kind: str, user: User) -> None:
    """All ways to sign and to hide, by another hand."""
    heard = Heard()
    taken = traps_taken(heard, users=USERS)
    with hearing_traps(heard, taken):
        assert asyncio.run(notify(kind, user, heard.port)) is None
        (event,) = heard.wait_for(1)

    assert event.labels["interface"] == "7"
    assert taken.messages[DENIED] == 0


async def notify(kind: str, user: User, port: int) -> Any:
    """Send by pysnmp; return what went wrong."""
    from pysnmp.entity import config
    from pysnmp.hlapi.v3arch import asyncio as snmp
    from pysnmp.proto.rfc1902 import Integer32, OctetString

    auths = {
        "": config.USM_AUTH_NONE,
        "MD5": config.USM_AUTH_HMAC96_MD5,
        "SHA": config.USM_AUTH_HMAC96_SHA,
        "SHA-224": config.USM_AUTH_HMAC128_SHA224,
        "SHA-256": config.USM_AUTH_HMAC192_SHA256,
        "SHA-384": config.USM_AUTH_HMAC256_SHA384,
        "SHA-512": config.USM_AUTH_HMAC384_SHA512,
    }
    privacies = {
        "": config.USM_PRIV_NONE,
        "DES": config.USM_PRIV_CBC56_DES,
        "3DES": config.USM_PRIV_CBC168_3DES,
        "AES": config.USM_PRIV_CFB128_AES,
        "AES-192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
        "AES-256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
        "AES-256-C": config.USM_PRIV_CFB256_AES,
    }
    engine = snmp.SnmpEngine()
    data = snmp.UsmUserData(
        user.user,
        authKey=user.auth_password or None,
        privKey=user.privacy_password or None,
        authProtocol=auths[user.auth],
        privProtocol=privacies[user.privacy],
    )
    failed, *_ = await snmp.send_notification(
        engine,
        data,
        await snmp.UdpTransportTarget.create(("127.0.0.1", port), timeout=2, retries=1),
        snmp.ContextData(),
        kind,
        snmp.NotificationType(snmp.ObjectIdentity(LINK_DOWN[0])).add_varbinds(
            (LINK_DOWN[1], Integer32(7)), ("1.3.6.1.2.1.31.1.1.1.18.7", OctetString("to Hanoi"))
        ),
    )
    engine.close_dispatcher()
    return failed


def test_the_identifier_of_this_receiver_is_one() -> None:
    """RFC 3411: 5 to 32 octets, the first bit set where the enterprise's form is not used."""
    assert 5 <= len(ENGINE_ID) <= 32
    assert ENGINE_ID[0] & 0x80
