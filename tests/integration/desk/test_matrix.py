"""Role × route × own or another unit: generated from the routes the application has."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from collector.alerts_in.silences import id_of
from collector.api import document_files
from collector.backtest_desk import BacktestDesk
from collector.jobs.jobs import TooManyJobsError
from collector.reports.printing import Printer, PrintError
from collector.storage import schema, session_checks
from collector.storage.database import Database, make_engine
from collector.storage.desk_store import DeskStore
from collector.storage.mutes import NewMute, add_mute
from collector.storage.queries.incidents import code_of
from collector.storage.upgrade import upgrade
from incidents.causes import HandReport
from incidents.sessions.model import Point, Session
from incidents.sessions.moments import Moment
from incidents.sessions.readiness import Board
from tests.integration.desk.office import AN, OTHER_UNIT, UNIT, Office
from tests.integration.desk.route_table import NOT_THERE, TABLE, Route
from tests.province import RUNBOOKS, TARGET, add_alert, procedure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

ROLES = [role.code for role in procedure().file.roles if not role.outside]
REACHES = ("everywhere", "own", "other")
SEVERITY = "S2"
DAY = timedelta(days=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """Hundreds of requests: one database is enough for what the gate and the roles decide."""
    engine = make_engine(f"sqlite:///{tmp_path / 'matrix.sqlite3'}")
    upgrade(engine, tmp_path / "backups")
    made = Database(engine)
    yield made
    made.close()


def name_of(role: str, reach: str) -> str:
    """Return the name of the person with a role and a reach."""
    return f"{role} {reach}"


def people() -> str:
    """Return a people.yaml with everybody."""
    units = {"everywhere": "", "own": f', units: ["{UNIT}"]', "other": f', units: ["{OTHER_UNIT}"]'}
    lines = [
        f"  - {{name: {name_of(role, reach)}, roles: [{role}]{units[reach]}}}"
        for role in ROLES
        for reach in REACHES
    ]
    return "\n".join(["people:", f"  - {{name: {AN}, roles: [truc_ca, chi_huy]}}", *lines])


def routes(office: Office) -> list[str]:
    """Return method and path of every route, the log-out last: it ends a session."""
    found = {
        f"{method} {context.path}"
        for context in iter_route_contexts(office.app.routes)
        for method in (context.methods or {"GET"}) - {"HEAD"}
        if context.path is not None
    }
    return sorted(found, key=lambda route: (route == "POST /logout", route))


def fresh(office: Office) -> dict[str, str]:
    """Return things of the unit that nobody has touched yet, by what a path calls them."""
    now = office.clock()
    host = next(h for h in office.province.fleet.hosts.values() if h.unit == UNIT)
    report = HandReport("kt_thiet_bi", UNIT, "Ban", "Máy hỏng", now, impact="I3", scope="P2")

    def write(connection: Any) -> dict[str, str]:
        number = office.desk.open_by_hand(DeskStore(connection), report, f"person:{AN}", now)
        alert = add_alert(connection, host, "ServiceFailed", "x", now=now, labels=str(number))
        mutes = [
            add_mute(
                connection,
                NewMute(kind, "", UNIT, "", "x", "An", now, now.replace(hour=now.hour + 2), ""),
                f"person:{AN}",
                now,
            )
            for kind in ("silence", "maintenance")
        ]
        return {
            "incident": code_of(connection, number),
            "alert": str(alert),
            "silence": str(mutes[0]),
            "window": str(mutes[1]),
            "agent": host.agent,
            "key": _another_key(connection, host.agent, str(number)),
            "unit": UNIT,
            "target": TARGET,
            "conference": str(session := _session(office, connection)),
            "check": str(_check(office, connection, session)),
            "place": "1",
            "document": str(_report(office, connection, code_of(connection, number))),
        }

    return office.province.db.write_now(write)


def _session(office: Office, connection: Any) -> int:
    """Plan a session with one point, of the unit."""
    now = office.clock()
    plan = Session(
        0, "Họp", "C", now + DAY, now + DAY * 1.1, points=(Point(0, UNIT, "Ban Tổ chức"),)
    )
    return office.province.services.sessions.plan(connection, plan, f"person:{AN}", now)


def _report(office: Office, connection: Any, code: str) -> int:
    """Keep a draft about an incident."""
    desk = office.province.services.reports
    return desk.make(connection, "initial", code, f"person:{AN}", office.clock()).id


def _check(office: Office, connection: Any, session: int) -> int:
    """Keep a pre-check record of a session."""
    board = Board(office.clock(), Moment.BOOKED, ())
    return session_checks.add(connection, session, board, f"person:{AN}")


def _another_key(connection: Any, agent: str, name: str) -> str:
    """Add a key like another one, to be revoked."""
    table = schema.agents
    row = dict(connection.execute(select(table).where(table.c.id == agent)).mappings().one())
    row |= {"id": f"key-{name}", "host": f"may-{name}", "public_key": name.encode().rjust(32)}
    connection.execute(table.insert().values(row))
    return str(row["id"])


def filled(route: str, at: dict[str, str]) -> str:
    """Return a path with something of the unit in each of its places."""
    path = route.partition(" ")[2]
    number = at["window"] if "maintenance" in path else at["silence"]
    code = at["unit"] if "/units/" in path else at["incident"]
    values = at | {
        "code": code, "number": number, "kind": "silence", "verdict": "approve", "entry": "1",
        "step": "start", "deed": "ask", "answer": "agree",
        "command": "note", "name": "cpu-busy", "digest": "0" * 64, "duty": "x", "period": "x",
        "agent": at["key"] if path.endswith("revoke") else at["agent"],
        "seq": "1", "token": "t-1", "session": "x", "secret": "x",
        "endpoint": "cx-to-chuc", "span": "2026-10", "form": "docx",
        "silence_id": id_of(int(at["silence"])),
    }  # fmt: skip
    return re.sub(r"{(\w+)}", lambda place: values[place[1]], path)


def placed(values: dict[str, Any] | None, at: dict[str, str]) -> Any:
    """Return a body with the unit and the host in it."""
    if values is None:
        return None
    return json.loads(
        json.dumps(values)
        .replace("{unit}", at["unit"])
        .replace("{agent}", at["agent"])
        .replace("{incident}", at["incident"])
    )


async def ask(client: httpx.AsyncClient, name: str, route: Route, at: dict[str, str]) -> str:
    """Send the request and return what became of it in one word."""
    sent: dict[str, Any] = {"params": route.query}
    if route.body is not None:
        sent["json"] = placed(route.body, at)
    elif route.form is not None:
        sent["data"] = placed(route.form, at)
    elif route.act == "evidence":
        sent["content"] = b"Nov 23 08:00:00 may-chu kernel: x\n"
    answer = await client.request(name.partition(" ")[0], filled(name, at), **sent)
    return word_for(answer, route)


def word_for(answer: httpx.Response, route: Route) -> str:
    """Return `ok`, `forbidden`, `hidden`, `role` or `stranger`."""
    if answer.status_code in (401, 403, 404):
        return {401: "stranger", 403: "forbidden", 404: "hidden"}[answer.status_code]
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code == 422 and route.act:
        return f"the table's request is wrong: {answer.text}"
    if answer.status_code == 409:
        is_page = not answer.headers["content-type"].startswith("application/json")
        said = {} if is_page else answer.json()
        banner = re.search(r'class="refusal"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
        words = (banner[1] if banner else "") if is_page else said.get("reason_vi", "")
        if "Việc này cần vai trò" in words:
            return "role"
        if set(route.names) & {*said.get("needed", ()), *(["page"] if is_page else [])}:
            return "hidden"
    return "ok"


def expected(route: Route, role: str, reach: str) -> set[str]:
    """Return the words that a request of this role and reach may end with."""
    if route.ask == "token" or (route.province and reach != "everywhere"):
        return {"forbidden"}
    if route.ask == "unit" and reach == "other":
        # Whoever lacks the role hears of that, or that there is no such thing: both say no.
        return {"hidden", "forbidden"} if route.act and not allowed(route, role) else {"hidden"}
    if not allowed(route, role):
        return {"role"} if route.in_file else {"forbidden"}
    return {"ok"}


def allowed(route: Route, role: str) -> bool:
    """Say whether the ruleset gives an act to a role."""
    if not route.act:
        return True
    if route.act == "confirmed_by":
        return role == procedure().file.confirmed_by
    roles = procedure().may(route.act, SEVERITY)
    return role in (procedure().acting_roles if roles is None else roles)


@pytest.fixture
def still(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office where exports and audits do not begin: only who may is asked."""

    async def full(*_: Any) -> Any:
        raise TooManyJobsError("none begins in this test")

    async def not_printed(*_: Any) -> Any:
        raise PrintError("nothing is printed in this test")

    def full_now(*_: Any) -> Any:
        raise TooManyJobsError("none begins in this test")

    monkeypatch.setattr(type(office.province.services.files), "export", full)
    monkeypatch.setattr(Printer, "print", not_printed)
    monkeypatch.setattr(document_files, "pack", full)
    monkeypatch.setattr(type(office.province.services.files), "verify", full_now)
    monkeypatch.setattr(BacktestDesk, "start", full_now)
    office.declare(people())
    return office


async def test_table_has_every_route_and_no_other(office: Office) -> None:
    """Whoever adds a route says who may use it; whoever removes one takes it out of the table."""
    assert sorted([*TABLE, *NOT_THERE]) == sorted(routes(office))


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_meets_every_route(still: Office, role: str) -> None:
    """Own unit, another unit, the whole province: the answer is the one of the table."""
    wrong = []
    for reach in REACHES:
        client, at = await still.client(name_of(role, reach)), fresh(still)
        for name in routes(still):
            route = TABLE.get(name)
            if route is None or route.ask in ("open", "stream") or name in FORMS_TRIED_ELSEWHERE:
                continue
            at = fresh(still) if route.act or route.province else at
            word = await ask(client, name, route, at)
            if word not in expected(route, role, reach) | may_be_missing(name):
                wrong.append((reach, name, word, expected(route, role, reach)))
    assert wrong == []


FORMS_TRIED_ELSEWHERE = {"POST /incidents/{code}/evidence"}
# What these are about does not exist in this test: who may do it is told that.
MAY_BE_MISSING = {
    "GET /api/v1/checkpoint",
    "GET /api/v1/jobs/{number}",
    "GET /api/v1/kpi/records",
    "GET /api/v1/record/contents/{digest}",
    "GET /kpi/records",
    "GET /static/{name}",
    "GET /runbooks/{name}",
    "GET /api/v1/runbooks/{name}",
    "POST /api/v1/backtests/{number}/cancel",
    "POST /api/v1/enrolment-tokens/{token}/revoke",
    "POST /api/v1/hours/forget",
    "POST /api/v1/phone/relays/{name}/revoke",
    "POST /api/v1/sources/{name}/revoke",
    "POST /api/v1/sources/{name}/rotate",
    "POST /api/v1/watchers/{name}/revoke",
}


def may_be_missing(name: str) -> set[str]:
    """Return the word for a thing that is not there at all."""
    return {"hidden"} if name in MAY_BE_MISSING else set()


async def test_person_who_is_not_in_the_file_sees_and_does_nothing(still: Office) -> None:
    """A session of a stranger to people.yaml: no unit, no incident, no act."""
    client = await still.client("Người lạ")
    at = fresh(still)
    assert (await client.get("/api/v1/units")).json()["items"] == []
    assert (await client.get("/api/v1/incidents")).json()["items"] == []
    assert (await client.get("/api/v1/alerts")).json()["items"] == []
    for name, route in TABLE.items():
        if route.act and name not in FORMS_TRIED_ELSEWHERE:
            assert await ask(client, name, route, at) in ("forbidden", "hidden", "role"), name


async def test_lists_hold_what_is_of_the_own_units_alone(still: Office) -> None:
    """Units, hosts, alerts, incidents, mutes, tokens, terms, figures: nothing of others."""
    fresh(still)
    client = await still.client(name_of("can_bo_don_vi", "other"))
    for path in (
        "units", "agents", "agents/missing", "alerts", "worklist", "incidents", "silences",
        "maintenance", "hours", "hours/missing", "hours/proposals", "enrolment-tokens", "watchers",
        "sources", "due", "tasks", "kpi", "kpi.csv", "retention", "agents/unknown", "agents/log",
    ):  # fmt: skip
        answer = await client.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        others = {code for code in re.findall(r"000\.\d\d\.30", answer.text) if code != OTHER_UNIT}
        assert others <= {"000.01.30"} if path == "units" else not others, (path, others)
    for path in (
        "/",
        "/alerts",
        "/worklist",
        "/incidents",
        "/directory",
        "/hours",
        "/kpi",
        "/mutes",
    ):
        page = (await client.get(path)).text
        others = set(re.findall(r"/units/(000\.\d\d\.30)", page)) - {OTHER_UNIT}
        assert not others, path


async def test_silence_of_a_whole_rule_is_not_for_who_answers_for_one_unit(still: Office) -> None:
    """They name a unit or host of theirs; who answers for all may name the rule alone."""
    body = {"rule": next(iter(RUNBOOKS)), "reason": "Sửa"}
    one = await still.client(name_of("can_bo_don_vi", "own"))
    refused = await one.post("/api/v1/silences", json=body)
    assert (refused.status_code, refused.json()["needed"]) == (403, ["unit"])
    every = await still.client(name_of("chi_huy", "everywhere"))
    assert (await every.post("/api/v1/silences", json=body)).status_code == 201


async def test_second_unit_of_an_incident_sees_it(still: Office) -> None:
    """An incident that grew to another unit is that unit's as well."""
    client = await still.client(name_of("can_bo_don_vi", "other"))
    code = fresh(still)["incident"]
    path = f"/api/v1/incidents/{code}"
    assert (await client.get(path)).status_code == 404

    def grow(connection: Any) -> None:
        found = select(schema.incidents.c.id).where(schema.incidents.c.code == code)
        row = {"incident": connection.scalar(found), "unit": OTHER_UNIT}
        connection.execute(schema.incident_units.insert().values(row))

    still.province.db.write_now(grow)
    assert (await client.get(path)).status_code == 200
    listed = (await client.get("/api/v1/incidents")).json()["items"]
    assert [row["code"] for row in listed] == [code]
