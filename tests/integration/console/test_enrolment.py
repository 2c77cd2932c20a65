"""Tokens, enrolment, approval and revocation through the API, on both databases."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from agents.identity import agent_id
from agents.rotation import proof
from collector.address_limits import BURST
from collector.directory import ExpectedHost
from collector.storage.directory import replace_hosts
from collector.storage.schema import agents, enrolment_tokens, identity_log
from collector.web import build
from tests.integration.console.conftest import BASE
from tests.province import open_province

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database
    from tests.province import Province

UNIT, OTHER_UNIT = "000.11.30", "000.12.30"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on SQLite and on PostgreSQL."""
    return open_province(tmp_path, db=db)


@pytest.fixture
async def machine(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without credentials, from an address of the network."""
    transport = httpx.ASGITransport(app=build(province.services), client=("10.1.2.3", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


class Machine:
    """A machine with a key of its own."""

    def __init__(self, client: httpx.AsyncClient, host: str = "may-moi-1") -> None:
        self.client, self.host, self.key = client, host, SigningKey.generate()

    @property
    def agent(self) -> str:
        return agent_id(bytes(self.key.verify_key))

    async def enrol(self, token: str, /, **changes: Any) -> httpx.Response:
        public_key = base64.b64encode(bytes(self.key.verify_key)).decode()
        said = {"v": 1, "token": token, "public_key": public_key, "host": self.host, **changes}
        body = json.dumps(said).encode()
        signature = base64.b64encode(self.key.sign(body).signature).decode()
        headers = {"X-Signature": signature}
        return await self.client.post("/api/v1/enrol", content=body, headers=headers)


async def token(cli: httpx.AsyncClient, unit: str = UNIT, **more: Any) -> str:
    answer = await cli.post("/api/v1/enrolment-tokens", json={"unit": unit, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def rows(province: Province, table: Any) -> list[Any]:
    return province.db.read_now(lambda c: list(c.execute(select(table))))


def logged(province: Province) -> list[tuple[str, str]]:
    return [(row.what, row.detail) for row in rows(province, identity_log)]


async def test_token_is_shown_once_and_stored_as_a_digest(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """128 bits; neither tables nor lists hold them; a repeated request gets the same."""
    body = {"unit": UNIT, "kind": "workstation", "uses": 50}
    headers = {"Idempotency-Key": "once"}
    first = (await cli.post("/api/v1/enrolment-tokens", json=body, headers=headers)).json()
    again = (await cli.post("/api/v1/enrolment-tokens", json=body, headers=headers)).json()
    other = await token(cli)

    assert len(bytes.fromhex(first["token"])) == 16
    assert first == again
    assert first["token"] != other
    listed = (await cli.get("/api/v1/enrolment-tokens")).json()
    assert {row["unit"] for row in listed} == {UNIT}
    assert sorted(row["uses"] for row in listed) == [1, 50]
    dump = province.db.read_now(
        lambda c: "".join(
            str(list(c.exec_driver_sql(f"SELECT * FROM {name}")))
            for name in ("enrolment_tokens", "identity_log", "idempotency")
        )
    )
    assert first["token"] not in dump
    assert other not in dump


async def test_token_lets_one_machine_in_and_it_waits_for_a_person(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """Nobody listed this host: its data is taken, and it alarms nobody yet."""
    secret = await token(cli)
    one = Machine(machine)

    answer = await one.enrol(secret)

    assert answer.json() == {
        "agent": one.agent,
        "unit": UNIT,
        "host": "may-moi-1",
        "kind": "server",
        "approved": False,
        "doubt": "not_listed",
    }
    waiting = (await cli.get("/api/v1/agents", params={"standing": "pending"})).json()["items"]
    assert [(a["id"], a["standing"], a["liveness"]) for a in waiting] == [
        (one.agent, "pending", None)
    ]
    second = await Machine(machine, "may-moi-2").enrol(secret)
    assert (second.status_code, second.json()["code"]) == (403, "token_used_up")
    assert ("refused", "token_used_up") in logged(province)


async def test_same_machine_again_spends_nothing(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """An installer that runs twice, or whose answer was lost, gets the same answer."""
    secret = await token(cli)
    one = Machine(machine)
    answers = [(await one.enrol(secret)).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert [row.used for row in rows(province, enrolment_tokens)] == [1]
    anything = await one.enrol("whatever was in the old script")
    assert anything.json() == answers[0]


async def test_token_for_a_host_or_a_line_of_hosts_csv_needs_no_person(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """Written down beforehand is approved; the name is the inventory's, not the machine's."""
    named = await token(cli, host="may-chu-moi")
    answer = (await Machine(machine, "i am the domain controller").enrol(named)).json()
    assert (answer["host"], answer["approved"]) == ("may-chu-moi", True)
    row = next(r for r in rows(province, agents) if r.host == "may-chu-moi")
    assert row.presence == "", "its kind says when it must be on"

    listed = [ExpectedHost(UNIT, "may-moi-7", "server", "working_hours", 30)]
    province.db.write_now(lambda c: replace_hosts(c, listed, province.clock()))
    answer = (await Machine(machine, "may-moi-7").enrol(await token(cli))).json()
    assert answer["approved"]
    row = next(r for r in rows(province, agents) if r.host == "may-moi-7")
    assert (row.presence, row.interval_seconds) == ("working_hours", 30)


async def test_hosts_csv_approves_who_waits_when_it_is_loaded(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """A line added afterwards counts at the reload; one of another kind does not."""
    secret = await token(cli, uses=2)
    one, two = Machine(machine, "may-1"), Machine(machine, "may-2")
    for made in (one, two):
        assert not (await made.enrol(secret)).json()["approved"]
    listed = [ExpectedHost(UNIT, "may-1", "server"), ExpectedHost(UNIT, "may-2", "network")]
    province.db.write_now(lambda c: replace_hosts(c, listed, province.clock()))
    standing = {
        a["id"]: a["standing"]
        for a in (await cli.get("/api/v1/agents", params={"unit": UNIT})).json()["items"]
    }
    assert (standing[one.agent], standing[two.agent]) == ("approved", "pending")
    assert ("approved", "hosts.csv") in logged(province)


async def test_stolen_token_is_worth_one_place_in_one_unit_for_a_while(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """Expired, revoked, of another unit, for another name: each use is refused and on record."""
    expired = await token(cli, expires_in_seconds=60)
    revoked = await token(cli)
    [row] = [r for r in (await cli.get("/api/v1/enrolment-tokens")).json() if r["used"] == 0][:1]
    for listed in (await cli.get("/api/v1/enrolment-tokens")).json():
        if listed["expires_at"] != row["expires_at"]:
            row = listed
    await cli.post(f"/api/v1/enrolment-tokens/{row['id']}/revoke")
    province.clock.move(minutes=2)  # type: ignore[attr-defined]
    codes = [(await Machine(machine).enrol(secret)).json()["code"] for secret in (expired, revoked)]
    assert sorted(codes) == ["token_expired", "token_revoked"]

    moved = Machine(machine)
    await moved.enrol(await token(cli))
    wrong = await moved.enrol(await token(cli, OTHER_UNIT))
    assert (wrong.status_code, wrong.json()["code"]) == (403, "other_unit")
    assert rows(province, agents)[-1].unit == UNIT
    assert {detail for what, detail in logged(province) if what == "refused"} == {
        "token_expired",
        "token_revoked",
        "other_unit",
    }
    refused = [r for r in rows(province, identity_log) if r.what == "refused"]
    assert {r.address for r in refused} == {"10.1.2.3"}


async def test_name_that_is_taken_or_looks_alike_waits_for_a_person(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """A second key never takes a host's name by itself; approved by a person, it replaces it."""
    first = Machine(machine)
    await first.enrol(await token(cli, host="may-chu-9"))
    second = Machine(machine)
    answer = (await second.enrol(await token(cli, host="may-chu-9"))).json()
    assert (answer["approved"], answer["doubt"]) == (False, "name_taken")
    alike = (await Machine(machine).enrol(await token(cli, host="MAY-CHU-g"))).json()
    assert alike["approved"]
    alike = (await Machine(machine).enrol(await token(cli, host="rnay-chu-9"))).json()
    assert (alike["approved"], alike["doubt"]) == (False, "name_alike")

    done = await cli.post("/api/v1/agents/approve", json={"agents": [second.agent, "a-none"]})
    assert done.json() == {"approved": [second.agent]}
    standing = (await cli.get(f"/api/v1/agents/{first.agent}")).json()["standing"]
    assert standing == "revoked"
    assert ("revoked", "another key was approved for the host") in logged(province)


async def test_many_are_approved_at_once(
    cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """A room of forty machines is one click; the same click again changes nothing."""
    secret = await token(cli, uses=40, kind="workstation")
    machines = [Machine(machine, f"may-tram-{n}") for n in range(40)]
    for one in machines:
        await one.enrol(secret)
    chosen = {"agents": [one.agent for one in machines]}
    assert len((await cli.post("/api/v1/agents/approve", json=chosen)).json()["approved"]) == 40
    assert (await cli.post("/api/v1/agents/approve", json=chosen)).json() == {"approved": []}


async def test_revoked_key_is_out_and_no_token_brings_it_back(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """Revocation is one row, effective at once; a new key is another matter."""
    one = Machine(machine)
    await one.enrol(await token(cli, host="may-chu-9"))
    path = f"/api/v1/agents/{one.agent}/revoke"
    assert (await cli.post(path, json={"reason": "máy bị mất"})).json() == {"revoked": one.agent}
    assert (await cli.post(path, json={})).status_code == 404
    again = await one.enrol(await token(cli, host="may-chu-9"))
    assert (again.status_code, again.json()["code"]) == (403, "key_revoked")
    assert ("revoked", "máy bị mất") in logged(province)
    fresh = (await Machine(machine).enrol(await token(cli, host="may-chu-9"))).json()
    assert fresh["approved"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"v": 2}, 422),
        ({"extra": 1}, 422),
        ({"host": "x\u202ey"}, 422),
        ({"token": "t" * 201}, 422),
        ({"public_key": "QQ=="}, 422),
        ({"host": 5}, 422),
        ({"\ud800": 1}, 422),
        ({"host": "a/b"}, 403),
        ({"host": "x" * 5_000}, 413),
    ],
)
async def test_malformed_request_is_refused_with_the_reason(
    cli: httpx.AsyncClient, machine: httpx.AsyncClient, changes: dict[str, Any], status: int
) -> None:
    """Strict, small, exact: nothing is stored, nothing is spent."""
    answer = await Machine(machine).enrol(await token(cli), **changes)
    assert answer.status_code == status
    assert answer.json()["reason_en"]
    assert [t["used"] for t in (await cli.get("/api/v1/enrolment-tokens")).json()] == [0]


async def test_nobody_enrols_a_key_that_they_do_not_hold(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """The request is signed by the very key it brings."""
    one, thief = Machine(machine), Machine(machine)
    victims = base64.b64encode(bytes(one.key.verify_key)).decode()
    stolen = await thief.enrol(await token(cli), public_key=victims)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "bad_signature")
    unsigned = await machine.post("/api/v1/enrol", content=b"{}")
    assert unsigned.status_code == 422
    assert one.agent not in {row.id for row in rows(province, agents)}


async def test_guessing_is_slowed_and_its_record_is_bounded(
    province: Province, machine: httpx.AsyncClient
) -> None:
    """Sixty tries at once from one address, then 503; the log does not grow with them."""
    codes = [(await Machine(machine).enrol(f"{n:032x}")).status_code for n in range(BURST + 5)]
    assert codes == [403] * BURST + [503] * 5
    assert len(logged(province)) <= BURST
    assert province.services.enrolment.results["rate_limited"] == 5


async def test_flood_of_refusals_does_not_fill_the_record(
    province: Province, machine: httpx.AsyncClient
) -> None:
    """Each is refused and counted; beyond sixty a minute none is written down."""
    doors = province.services.enrolment
    while doors.may_note():
        pass
    before = len(logged(province))
    assert (await Machine(machine).enrol("0" * 32)).status_code == 403
    assert len(logged(province)) == before
    assert doors.results["token_unknown"] == 1


async def test_missing_are_those_that_the_inventory_knows(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """Listed without a key, or let in and never heard; who waits for approval is neither."""
    listed = [ExpectedHost(UNIT, "may-chua-cai", "server")]
    province.db.write_now(lambda c: replace_hosts(c, listed, province.clock()))
    silent, waiting = Machine(machine), Machine(machine, "may-cho-duyet")
    await silent.enrol(await token(cli, host="may-chua-bao"))
    await waiting.enrol(await token(cli))
    heard = (await cli.get("/api/v1/agents/missing", params={"unit": UNIT})).json()
    names = [(row["host"], row["agent"]) for row in heard]
    assert ("may-chua-cai", None) in names
    assert ("may-chua-bao", silent.agent) in names
    assert "may-cho-duyet" not in {name for name, _ in names}
    report = province.clock() + timedelta(minutes=1)
    province.db.write_now(
        lambda c: c.execute(
            agents.update().where(agents.c.id == silent.agent).values(last_report_at=report)
        )
    )
    names = [r["host"] for r in (await cli.get("/api/v1/agents/missing")).json()]
    assert "may-chua-bao" not in names


async def test_unknown_are_those_that_knock_until_they_are_let_in(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """With count, times and address; a revoked key is named; an enrolled one leaves the list."""
    identity: Any = province.services.identity
    one, gone = Machine(machine), Machine(machine)
    await gone.enrol(await token(cli, host="may-bi-thu-hoi"))
    await cli.post(f"/api/v1/agents/{gone.agent}/revoke", json={})
    for agent in (one.agent, one.agent, gone.agent):
        identity.note_unknown(agent, "10.1.2.3")
    await identity.save_knocks()
    found = {row["agent"]: row for row in (await cli.get("/api/v1/agents/unknown")).json()}
    assert (found[one.agent]["knocks"], found[one.agent]["address"]) == (2, "10.1.2.3")
    assert (found[one.agent]["host"], found[gone.agent]["host"]) == (None, "may-bi-thu-hoi")

    await one.enrol(await token(cli))
    await identity.save_knocks()
    assert {r["agent"] for r in (await cli.get("/api/v1/agents/unknown")).json()} == {gone.agent}
    identity.note_unknown(one.agent, "10.1.2.3")
    await identity.save_knocks()
    assert len(identity.knocks) == 1


async def change(machine: Machine, new: SigningKey, **wrong: Any) -> httpx.Response:
    old_public, new_public = bytes(machine.key.verify_key), bytes(new.verify_key)
    proven = wrong.get("proof_by", new).sign(proof(machine.agent, old_public, new_public))
    said = {
        "v": 1,
        "agent": wrong.get("agent", machine.agent),
        "public_key": base64.b64encode(old_public).decode(),
        "new_public_key": base64.b64encode(new_public).decode(),
        "proof": base64.b64encode(proven.signature).decode(),
    }
    body = json.dumps(said).encode()
    signature = wrong.get("signed_by", machine.key).sign(body).signature
    headers = {"X-Signature": base64.b64encode(signature).decode()}
    return await machine.client.post("/api/v1/rotate-key", content=body, headers=headers)


async def test_key_is_changed_by_its_holder_alone(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """The old key signs, the new one proves itself; both are on record; a repeat is the same."""
    one, new, thief = Machine(machine), SigningKey.generate(), SigningKey.generate()
    await one.enrol(await token(cli, host="may-chu-9"))
    for wrong in (
        {"signed_by": thief},
        {"signed_by": new},
        {"proof_by": thief},
        {"proof_by": one.key},
        {"agent": "agent-may-chu-05-00"},
    ):
        assert (await change(one, new, **wrong)).status_code == 401

    assert (await change(one, new)).json() == {"agent": one.agent}
    assert (await change(one, new)).status_code == 200
    row = next(r for r in rows(province, agents) if r.id == one.agent)
    assert (row.public_key, row.previous_key) == (
        bytes(new.verify_key),
        bytes(one.key.verify_key),
    )
    assert [what for what, _ in logged(province)].count("key_changed") == 1

    assert (await change(one, SigningKey.generate())).status_code == 401
    province.clock.move(days=1)  # type: ignore[attr-defined]
    assert (await change(one, new)).status_code == 401
    assert (await change(one, new, signed_by=new)).status_code == 200


async def test_enrolled_machine_with_a_changed_key_is_not_enrolled_a_second_time(
    province: Province, cli: httpx.AsyncClient, machine: httpx.AsyncClient
) -> None:
    """The installer that runs again after a change finds the machine's place by its new key."""
    one, new = Machine(machine), SigningKey.generate()
    first = (await one.enrol(await token(cli, host="may-chu-9"))).json()
    await change(one, new)
    one.key = new
    again = await one.enrol("an old token")
    assert again.json() == first
