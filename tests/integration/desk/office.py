"""An office whose people hold roles, each with a browser of their own, and a clock tests turn."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import select

from collector.storage.desk_store import DeskStore
from collector.storage.schema import outbox
from collector.web import build
from incidents.people import load_people
from incidents.places import Place, Places
from incidents.rulesets import only
from tests.province import UNITS, add_alert, open_province, procedure
from tests.web_fakes import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from collector.storage.database import Database

BASE = "http://wan.example:8440"
UNIT, OTHER_UNIT = "000.02.30", "000.03.30"
AN, BINH, CHI, DUNG, YEN, KIEN = "An", "Bình", "Chi", "Dung", "Yến", "Kiên"
PLACES = Places(Place(code, parent, region) for code, _, region, parent in UNITS)
PEOPLE = f"""
people:
  - {{name: {AN}, roles: [truc_ca]}}
  - {{name: {BINH}, roles: [can_bo_don_vi], units: ["{UNIT}"]}}
  - {{name: {CHI}, roles: [chi_huy]}}
  - {{name: {DUNG}, roles: [lanh_dao_vp]}}
  - {{name: {YEN}, roles: [co_yeu]}}
  - {{name: {KIEN}, roles: [kiem_tra]}}
"""


class Office:
    """The real application over public HTTP; only the clock and the desk's turn are driven."""

    def __init__(self, folder: Path, db: Database, at: datetime) -> None:
        self.clock = Clock(at)
        self.province = open_province(folder, db=db, clock=self.clock)
        self.desk = self.province.services.desk
        self.declare(PEOPLE)
        self.app = build(self.province.services)
        self.clients: dict[str, httpx.AsyncClient] = {}
        self.stack = AsyncExitStack()

    def declare(self, people: str | None) -> None:
        """Say who holds which role."""
        found = () if people is None else (load_people(people, file="people.yaml", places=PLACES),)
        self.desk.adopt(only(procedure()), self.desk.policy, *found)  # type: ignore[attr-defined]

    async def client(self, name: str) -> httpx.AsyncClient:
        """Return the browser of a person, logged in."""
        if name not in self.clients:
            made = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=self.app),
                base_url=BASE,
                headers={"Sec-Fetch-Site": "same-origin"},
            )
            self.clients[name] = await self.stack.enter_async_context(made)
        client = self.clients[name]
        link = await self.province.access.make_link(name)  # a session ends after twelve hours
        answer = await client.post("/login", data={"secret": link.secret})
        assert answer.status_code == 303
        return client

    async def get(self, name: str, path: str, status: int = 200, **query: Any) -> Any:
        """Return what a person reads."""
        answer = await (await self.client(name)).get(path, params=query)
        assert answer.status_code == status, answer.text
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json else answer.text

    async def post(self, name: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """Return the answer to a person's request."""
        return await (await self.client(name)).post(path, json=body)

    async def do(self, name: str, code: str, command: str, **body: Any) -> dict[str, Any]:
        """Let a person do something that the procedure allows."""
        answer = await self.post(name, f"/api/v1/incidents/{code}/{command}", body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def refused(
        self, name: str, code: str, command: str, *, needed: str = "", **body: Any
    ) -> dict[str, Any]:
        """Let a person try what is refused; the refusal has words in both languages."""
        answer = await self.post(name, f"/api/v1/incidents/{code}/{command}", body)
        assert answer.status_code == 409, answer.text
        said = answer.json()
        assert said["reason_vi"]
        assert said["reason_en"]
        if needed:
            assert needed in said["needed"], said
        return dict(said)

    async def open(self, name: str, **values: Any) -> str:
        """Let a person report an incident by telephone; return its code."""
        body = {"unit": UNIT, "class_code": "kt_thiet_bi", "summary": "Máy chủ không bật được"}
        answer = await self.post(name, "/api/v1/incidents", body | values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["incident"])

    async def from_alert(self, name: str, summary: str = "Máy chủ lỗi", **values: Any) -> str:
        """Let an alert of the worklist become an incident; return its code."""
        host = next(h for h in self.province.fleet.hosts.values() if h.unit == UNIT)
        number = self.province.db.write_now(
            lambda c: add_alert(
                c, host, "ServiceFailed", summary, now=self.clock(), labels=summary, **values
            )
        )
        answer = await self.post(name, f"/api/v1/worklist/{number}/promote", {})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["incident"])

    async def file(self, name: str, code: str) -> dict[str, Any]:
        """Return an incident's file as a person reads it."""
        return dict(await self.get(name, f"/api/v1/incidents/{code}"))

    async def keep_evidence(self, name: str, code: str) -> None:
        """Waive what the severity requires of evidence, each with a reason."""
        end = {"reason": "x", "root_cause": "human-errors"}
        answer = await self.post(name, f"/api/v1/incidents/{code}/close", end)
        for required in procedure().file.evidence.required:
            if f"evidence.{required.code}" in answer.json()["needed"]:
                kind = required.kinds[0]
                await self.do(CHI, code, "waive", kind=kind, reason="Máy đã hỏng hoàn toàn")

    async def hand_in(
        self, name: str, code: str, kind: str, file: str, content: bytes, *, status: int = 201
    ) -> dict[str, Any]:
        """Let a person hand a file in as evidence; return the answer."""
        about = {"kind": kind, "name": file, "holder": name, "place": "Tủ số 2"}
        path = f"/api/v1/incidents/{code}/evidence"
        answer = await (await self.client(name)).post(path, params=about, content=content)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def kinds(self, name: str, code: str) -> list[str]:
        """Return the kinds of entries that persons made, in order."""
        found = (await self.file(name, code))["entries"]
        return [entry["kind"] for entry in found if entry["actor"].startswith("person:")]

    async def data(self, name: str, code: str, kind: str) -> dict[str, Any]:
        """Return the facts of the last entry of a kind."""
        found = (await self.file(name, code))["entries"]
        entry = [entry for entry in found if entry["kind"] == kind][-1]
        return dict(json.loads(entry["canonical"])["data"])

    async def deadlines(self, code: str, name: str = KIEN) -> dict[str, SimpleNamespace]:
        """Return the deadlines of an incident by code, their instants as such."""
        rows = await self.get(name, f"/api/v1/incidents/{code}/deadlines")
        found = {}
        for row in rows:
            for field in [field for field in row if field.endswith(("_at", "_since"))]:
                row[field] = row[field] and datetime.fromisoformat(row[field])
            found[row["code"]] = SimpleNamespace(**row)
        return found

    def pass_time(self, **length: float) -> None:
        """Let time pass, and the desk do what has come due by then."""
        self.clock.move(**length)
        self.turn()

    def turn(self) -> None:
        """Let the desk do everything that is due now."""
        now = self.clock()
        while self.province.db.write_now(
            lambda c: self.desk.turn(DeskStore(c), now)  # type: ignore[attr-defined]
        ):
            pass

    def messages(self) -> list[tuple[str, str, str]]:
        """Return the recipient, subject and body of every message so far."""

        def read(connection: Any) -> list[tuple[str, str, str]]:
            rows = connection.execute(select(outbox).order_by(outbox.c.id))
            return [(row.recipient, row.subject, row.body) for row in rows]

        return self.province.db.read_now(read)

    async def close(self) -> None:
        """End it."""
        await self.stack.aclose()
