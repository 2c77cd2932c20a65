"""A Huawei TE over HTTPS: session, log-in, token, and a session that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.answer import Answer
from agents.probes.huawei_te import PROBE
from tests.devices.asking import Asking
from tests.devices.huawei import HuaweiTe
from tests.devices.server import device_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def device() -> HuaweiTe:
    return HuaweiTe()


@pytest.fixture
def asking(device: HuaweiTe, tmp_path: Path) -> Iterator[Asking]:
    with device_server(device, tmp_path) as port:
        yield Asking(PROBE, port)


@pytest.mark.parametrize("is_packed", [True, False])
def test_its_state_is_read_from_either_form(
    device: HuaweiTe, asking: Asking, *, is_packed: bool
) -> None:
    """Data packed into a text once more, as older ones have it, and plain."""
    device.is_packed = is_packed
    found = asking.poll()
    assert found.answer is Answer.RIGHT
    assert found.value("endpoint_calls") == 1
    assert found.labels("call_info")["protocol"] == "sip"
    assert found.value("endpoint_microphone_muted") == 1
    assert found.value("endpoint_standby") == 0
    assert found.values("call_lost_ratio", "media") == {}


def test_one_log_in_serves_all_polls(device: HuaweiTe, asking: Asking) -> None:
    """Sessions do not pile up on the device."""
    for _ in range(3):
        asking.poll()
    assert device.log_ins == 1


@pytest.mark.parametrize("status", [200, 302, 401, 403])
def test_a_session_that_ended_is_logged_in_to_again(
    device: HuaweiTe, asking: Asking, status: int
) -> None:
    """However it says so: once, within the same poll."""
    asking.poll()
    device.expire()
    device.refuses_with = status
    assert asking.poll().answer is Answer.RIGHT
    assert device.log_ins == 2


def test_no_call_is_told_and_a_state_that_is_missing_is_not(
    device: HuaweiTe, asking: Asking
) -> None:
    """A device that has no word for its calls or its microphone has none of the series."""
    device.state = {"conftype": 0, "callstate": 0}
    found = asking.poll()
    assert found.value("endpoint_calls") == 0
    assert found.value("endpoint_microphone_muted") is None
    device.state = {"callstate": 1}
    assert asking.poll().value("endpoint_calls") is None


def test_a_question_that_it_does_not_know_costs_that_answer_alone(
    device: HuaweiTe, asking: Asking
) -> None:
    """Not every model sleeps."""
    device.sleep = None
    found = asking.poll()
    assert found.answer is Answer.RIGHT
    assert found.value("endpoint_standby") is None
    assert device.log_ins == 1
