"""The plan of an agent: for whoever holds its key, and nobody else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from nacl.signing import SigningKey

from agents.probe_plan import read_plan
from collector.fleet import AgentRow, Fleet
from collector.ranges import Received
from collector.states import Handed
from collector.targets.plans import Plans
from collector.targets.targets_file import read_targets
from collector.web import build
from tests.integration.console.conftest import BASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.province import Province

TARGETS = """
targets:
  - {name: cx-a, address: 10.42.1.20, from: [H1/m1], probes: [{probe: sip}]}
"""
KEY = SigningKey(bytes(32))
ASKED = {"v": 1, "agent": "m1", "want": "plan"}


def row() -> AgentRow:
    return AgentRow(
        "m1", "H1", "m1", "server", "always", bytes(KEY.verify_key), 10, None, "", Received(),
        Handed(),
    )  # fmt: skip


@pytest.fixture
def fleet(province: Province) -> Fleet:
    """One agent that is to measure one codec."""
    made = Fleet(started_at=province.clock(), monotonic=lambda: 0.0)
    made.add(row())
    made.set_targets(read_targets(TARGETS))
    return made


@pytest.fixture
async def door(province: Province, fleet: Fleet) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever comes, without a log-in."""
    services = replace(province.services, plans=Plans(fleet, monotonic=lambda: 0.0))
    transport = httpx.ASGITransport(app=build(services))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


def signed(said: dict[str, Any], key: SigningKey = KEY) -> dict[str, Any]:
    body = json.dumps(said).encode()
    signature = base64.b64encode(key.sign(body).signature).decode()
    return {"content": body, "headers": {"X-Signature": signature}}


async def test_an_agent_gets_its_plan(door: httpx.AsyncClient, fleet: Fleet) -> None:
    """Under the tag that the answers to its reports name."""
    answer = await door.post("/api/v1/plan", **signed(ASKED))
    plan = read_plan(answer.json())
    assert answer.status_code == 200
    assert plan is not None
    assert [ask.name for ask in plan.asks] == ["sip:cx-a"]
    assert plan.tag == Plans(fleet, monotonic=lambda: 0.0).said(fleet.hosts["m1"])["plan"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (signed({**ASKED, "agent": "m2"}), 401),
        (signed(ASKED, SigningKey(b"\1" * 32)), 401),
        ({"content": json.dumps(ASKED)}, 401),
        (signed({**ASKED, "want": "keys"}), 422),
        (signed({**ASKED, "more": 1}), 422),
        ({"content": b"\xff"}, 422),
        ({"content": b"x" * 5_000}, 413),
    ],
)
async def test_nobody_else_does(
    door: httpx.AsyncClient, request_: dict[str, Any], status: int
) -> None:
    """Refused with a reason, whoever the body says it is from."""
    answer = await door.post("/api/v1/plan", **request_)
    assert answer.status_code == status
    assert answer.json()["reason_en"]


async def test_a_quarantined_key_and_one_that_asks_all_the_time_are_put_off(
    door: httpx.AsyncClient, fleet: Fleet, province: Province
) -> None:
    """As their reports are."""
    answers = [(await door.post("/api/v1/plan", **signed(ASKED))) for _ in range(601)]
    assert [a.status_code for a in answers][-1] == 503
    assert int(answers[-1].headers["Retry-After"]) >= 1
    fleet.hosts["m1"].quarantined_at = province.clock()
    assert (await door.post("/api/v1/plan", **signed(ASKED))).status_code == 409
