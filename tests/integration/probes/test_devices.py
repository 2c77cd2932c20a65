"""What all devices asked over HTTPS have in common: who they must be, and when they are let be."""

from __future__ import annotations

import hashlib
import ssl
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agents.answer import Answer
from agents.check import SourceError
from agents.one_at_a_time import one_at_a_time
from agents.probes import cisco_xapi, codian, expressway, huawei_te, poly_rest, poly_trio
from tests.certificates import serving
from tests.devices.asking import Asking
from tests.devices.cisco import CiscoCodec, Expressway
from tests.devices.codian import CodianMcu
from tests.devices.huawei import HuaweiTe
from tests.devices.poly import PolyStudio, PolyTrio
from tests.devices.server import Device, device_server
from tests.probe_means import CREDENTIALS, PASSWORD, USER
from tests.probe_servers import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agents.probe import Probe

DEVICES: list[tuple[Probe[Any], Callable[[], Device]]] = [
    (cisco_xapi.PROBE, CiscoCodec),
    (codian.PROBE, CodianMcu),
    (expressway.PROBE, Expressway),
    (huawei_te.PROBE, HuaweiTe),
    (poly_rest.PROBE, PolyStudio),
    (poly_trio.PROBE, PolyTrio),
]
EVERY_DEVICE = pytest.mark.parametrize(
    ("probe", "make"), DEVICES, ids=[probe.name for probe, _ in DEVICES]
)


@contextmanager
def codec(path: Path, context: ssl.SSLContext | None = None) -> Iterator[tuple[Device, Asking]]:
    device = CiscoCodec()
    with device_server(device, path, context) as port:
        yield device, Asking(cisco_xapi.PROBE, port)


@EVERY_DEVICE
def test_a_refused_log_in_leaves_the_device_alone_for_a_minute(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """It is not asked again before; what it said stands, and the right words are let in."""
    device = make()
    with device_server(device, tmp_path) as port:
        asking = Asking(probe, port)
        right = asking.means
        asking.means = replace(right, credentials={CREDENTIALS: "api:wrong"})
        assert asking.poll().value("probe_let_in") == 0
        asked = len(device.asked)
        found = asking.poll(59)
        assert (found.answer, found.value("probe_let_in")) == (Answer.DENIED, 0)
        assert len(device.asked) == asked
        asking.means = right
        found = asking.poll(2)
        assert (found.answer, found.value("probe_let_in")) == (Answer.RIGHT, 1)


@EVERY_DEVICE
def test_a_device_has_one_request_at_a_time(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """Over however many polls."""
    device = make()
    with device_server(device, tmp_path) as port:
        asking = Asking(probe, port)
        answers = [asking.poll().answer for _ in range(3)]
    assert answers == [Answer.RIGHT] * 3
    assert device.most_at_once == 1


@EVERY_DEVICE
def test_outside_of_calls_a_device_is_asked_once_a_minute(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """The runs between say nothing; it can be told otherwise."""
    device = make()
    if isinstance(device, HuaweiTe):
        device.state["conftype"] = 0
    with device_server(device, tmp_path) as port:
        asking = Asking(probe, port)
        said = [bool(asking.poll(10).all) for _ in range(13)]
        assert [number for number, one in enumerate(said) if one] == [0, 6, 12]
        assert asking.poll(58.5).answer is Answer.RIGHT
        asking.poll(60, idle_seconds=0.0)
        assert asking.poll(1, idle_seconds=0.0).answer is Answer.RIGHT


def test_in_a_call_a_device_is_asked_at_each_run(tmp_path: Path) -> None:
    """And once more when it has hung up."""
    with codec(tmp_path) as (device, asking):
        device.in_call = True  # type: ignore[attr-defined]
        calls = [asking.poll(10).value("endpoint_calls") for _ in range(3)]
        device.in_call = False  # type: ignore[attr-defined]
        calls += [asking.poll(10).value("endpoint_calls") for _ in range(2)]
    assert calls == [1, 1, 1, 0, None]


@pytest.mark.parametrize(
    ("probe", "make"), [(huawei_te.PROBE, HuaweiTe), (poly_rest.PROBE, PolyStudio)]
)
def test_a_question_of_somebody_uses_the_session_that_there_is(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """And keeps to the pause after a refusal: no account is locked by asking otherwise."""
    device = make()
    with device_server(device, tmp_path) as port:
        asking, question = Asking(probe, port), Asking(probe, port)
        question.means = replace(question.means, shared=asking.means.shared)
        assert [asking.poll(60).answer, question.poll(1).answer] == [Answer.RIGHT] * 2
        assert device.log_ins == 1
        asking.means = replace(asking.means, credentials={CREDENTIALS: "api:wrong"})
        asking.means.shared.clear()
        assert asking.poll(200).answer is Answer.DENIED
        asked = len(device.asked)
        question.means = replace(question.means, shared=asking.means.shared)
        question.clock.at = asking.clock.at
        assert question.poll(30).answer is Answer.DENIED
        assert len(device.asked) == asked


@EVERY_DEVICE
def test_nothing_that_is_secret_is_reported(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """Neither the password nor a session, in no value and in nothing that could be printed."""
    with device_server(make(), tmp_path) as port:
        asking = Asking(probe, port)
        found = asking.poll()
    said = repr(found.all) + repr(asking.means.memory) + repr(asking.means.shared)
    for secret in (PASSWORD, USER, "csrf-", "SessionID", "PSN0"):
        assert secret not in said


@EVERY_DEVICE
def test_credentials_that_are_not_there_are_this_agents_failure(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """Nothing is sent, and nothing is said of the device."""
    device = make()
    with device_server(device, tmp_path) as port:
        asking = Asking(probe, port)
        with pytest.raises(SourceError, match="no credentials named 'other'"):
            asking.poll(credentials="other")
    assert device.asked == []


@EVERY_DEVICE
def test_a_device_without_its_interface_is_garbage(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """Another device's web server answers 404, or pages for people."""
    other: Device = PolyStudio() if probe.name == "cisco_xapi" else CiscoCodec()
    with device_server(other, tmp_path) as port:
        answer = Asking(probe, port).poll().answer
    assert answer in (Answer.GARBAGE, Answer.DENIED)


@EVERY_DEVICE
def test_a_device_that_thinks_for_too_long_is_silent(
    probe: Probe[Any], make: Callable[[], Device], tmp_path: Path
) -> None:
    """It took the question and says nothing: within the limit of the whole dialogue."""
    device = make()
    device.may_answer.clear()
    with device_server(device, tmp_path) as port:
        asking = Asking(probe, port)
        asking.means = replace(asking.means, monotonic=time.monotonic)
        started_at = time.monotonic()
        found = asking.poll(limit_seconds=0.4)
        took = time.monotonic() - started_at
        device.may_answer.set()
    assert found.answer is Answer.SILENT
    assert found.value("probe_let_in") is None
    assert took < 3


def test_another_probe_of_the_same_device_is_waited_for(tmp_path: Path) -> None:
    """One request in flight per device; where the other is not done, nothing is said of it."""
    with codec(tmp_path) as (device, asking), one_at_a_time(LOOPBACK, 1):
        with pytest.raises(SourceError, match="another probe was not done with it"):
            asking.poll(limit_seconds=0.1)
        assert device.asked == []


def test_a_certificate_that_is_pinned_is_the_only_one_that_is_told_anything(
    tmp_path: Path,
) -> None:
    """Any other is answered before the first request: the password stays here."""
    with codec(tmp_path) as (device, asking):
        certificate, _, _ = (tmp_path / "device.pem").read_text().partition("-----BEGIN P")
        der = ssl.PEM_cert_to_DER_cert(certificate)
        digits = hashlib.sha256(der).hexdigest()
        pairs = ":".join(digits[i : i + 2] for i in range(0, 64, 2)).upper()
        assert asking.poll(trust=f"sha256:{digits}").answer is Answer.RIGHT
        assert asking.poll(trust=f"sha256:{pairs}").answer is Answer.RIGHT
        asked = len(device.asked)
        found = asking.poll(trust="sha256:" + "0" * 64)
        assert found.answer is Answer.UNTRUSTED
        assert found.value("probe_alive") is None
        assert found.value("probe_trusted") == 0
        assert len(device.asked) == asked


def test_an_authority_must_have_signed_for_this_address(tmp_path: Path) -> None:
    """A certificate that signs itself is trusted where it is that authority, for its address."""
    with codec(tmp_path) as (device, asking):
        assert asking.poll(trust="ca").answer is Answer.UNTRUSTED
        assert device.asked == []
        asking.means = replace(asking.means, ca_file=str(tmp_path / "device.pem"))
        assert asking.poll(trust="ca").answer is Answer.RIGHT
        assert asking.poll(trust="ca", site="other.vn").answer is Answer.UNTRUSTED


def test_old_tls_is_spoken_where_that_is_allowed(tmp_path: Path) -> None:
    """TLS 1.1 alone is its own answer, and a parameter lets it be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(serving(tmp_path / "old.pem"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with codec(tmp_path, context) as (_, asking):
        assert asking.poll().answer is Answer.NO_HANDSHAKE
        assert asking.poll(old_tls=True).answer is Answer.RIGHT


@pytest.mark.parametrize("trust", ["", "all", "sha256:", "sha256:zz", "sha256:" + "0" * 63])
def test_what_trust_may_be_is_told(trust: str) -> None:
    """A mistake is found before anything is asked."""
    with pytest.raises(ValueError, match="'trust'"):
        Asking(cisco_xapi.PROBE, 443).poll(trust=trust)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(401, Answer.DENIED), (404, Answer.GARBAGE), (429, Answer.BUSY), (503, Answer.OUT_OF_SERVICE)],
)
def test_a_status_is_an_answer(status: int, answer: Answer, tmp_path: Path) -> None:
    """Refused, not such a device, asked too much, not able."""
    with codec(tmp_path) as (device, asking):
        device.status = status  # type: ignore[attr-defined]
        assert asking.poll().answer is answer
