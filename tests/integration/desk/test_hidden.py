"""Cipher and restricted incidents: for everybody else they do not exist, on any route."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi.routing import APIRoute

from collector import housekeeping
from collector.console.events import live
from collector.metrics.metrics import Counted
from collector.storage.queries.known import load_known
from collector.storage.record import stored_record
from collector.web import ROUTERS
from tests.integration.desk.office import AN, CHI, DUNG, KIEN, OTHER_UNIT, UNIT, YEN, Office

if TYPE_CHECKING:
    from collections.abc import Iterator

SUMMARY = "Thiết bị mã hóa lỗi khóa xyzzy"
WORDS = ("xyzzy", "CY26")


async def cipher(office: Office) -> str:
    """Return a cipher incident that its officer opened."""
    return await office.open(YEN, class_code="cy_san_pham", summary=SUMMARY, unit=UNIT)


def readable(office: Office) -> Iterator[str]:
    """Return the path of every GET of the application, filled with what is there."""
    fill = {
        "code": UNIT, "agent": next(iter(office.province.fleet.hosts)), "name": "cpu-busy",
        "alert": "1", "number": "1", "day": "2026-11-23", "key": "ack", "figure": "acknowledge",
    }  # fmt: skip
    for route in (route for router in ROUTERS for route in router.routes):
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            path = route.path
            for name, value in fill.items():
                path = path.replace(f"{{{name}}}", value)
            if "{" not in path and "events" not in path:
                yield path


async def test_a_cipher_incident_is_on_no_page_and_in_no_list_of_others(office: Office) -> None:
    """Whatever can be read: lists, search, counts, due items, figures, pages, the description."""
    paths = sorted(set(readable(office)))
    office.pass_time(minutes=40)  # what is measured is old by then, and stays so
    before = {path: await read(office, AN, path) for path in paths}
    code = await cipher(office)
    assert code == "CY26-0001"
    await office.do(YEN, code, "task", what="Thay khóa xyzzy", owner="Yến", due="2026-11-23T17:00")
    await office.get(YEN, f"/incidents/{code}")
    await office.do(YEN, code, "share", fields=["class"], partner="Ban Cơ yếu", reason="x")
    office.pass_time(minutes=40)
    assert len(paths) > 30

    for path in paths:
        text = await read(office, AN, path)
        assert not any(word in text for word in WORDS), path
        assert counts(text) == counts(before[path]), path
    for query in ("/incidents?q=xyzzy", "/api/v1/incidents?q=xyzzy", f"/units/{UNIT}"):
        assert code not in await read(office, AN, query)
        assert code in await read(office, YEN, query)


async def read(office: Office, name: str, path: str) -> str:
    """Return what somebody is shown."""
    answer = await (await office.client(name)).get(path)
    assert answer.status_code < 500, (path, answer.text)
    return answer.text


def counts(text: str) -> list[str]:
    """Return the totals of a page, which another incident would change."""
    return [
        line.strip() for line in text.splitlines() if 'class="tile' in line or "<strong>" in line
    ]


async def test_a_cipher_incident_is_not_found_by_others(office: Office) -> None:
    """404 for every route with its code, whatever the role; its officer reads and writes."""
    code = await cipher(office)
    commands = {
        "note": {"text": "x"}, "ack": {}, "move": {"stage": "tiep_nhan"}, "drill": {}, "export": {},
    }  # fmt: skip
    for name in (AN, CHI, DUNG, KIEN):
        for path in ("", "/entries", "/minutes", "/shares/1"):
            await office.get(name, f"/api/v1/incidents/{code}{path}", 404)
        await office.get(name, f"/incidents/{code}", 404)
        for command, body in commands.items():
            answer = await office.post(name, f"/api/v1/incidents/{code}/{command}", body)
            assert answer.status_code == 404, (name, command, answer.text)
        answer = await (await office.client(name)).get("/api/v1/incidents", params={"after": code})
        assert answer.status_code == 422

    await office.do(YEN, code, "ack")
    await office.do(YEN, code, "move", stage="xac_minh")
    assert (await office.file(YEN, code))["incident"]["stage"] == "xac_minh"


@pytest.mark.parametrize("name", [AN, CHI, DUNG, KIEN])
async def test_every_route_answers_as_if_there_were_no_such_incident(
    office: Office, name: str
) -> None:
    """Whatever is asked of its code is answered like the same of a code that nobody has."""
    code, client = await cipher(office), await office.client(name)
    routes = [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "{code}" in route.path and "incidents" in route.path
        for method in route.methods or ()
    ]
    assert len(routes) > 40
    for method, template in routes:
        path = template.replace("{number}", "1").replace("{seq}", "1").replace("{command}", "note")
        bodies = [{}] if method == "GET" else [{}, *BODIES]
        for body in bodies:
            answers = [
                await client.request(
                    method,
                    path.replace("{code}", asked),
                    json=body if method != "GET" and path.startswith("/api") else None,
                    data=body if method != "GET" and not path.startswith("/api") else None,
                    params={"kind": "khac", "name": "a.txt"},
                )
                for asked in (code, "CY26-0999")
            ]
            hidden, missing = (a.text.replace("CY26-0999", code) for a in answers)
            assert answers[0].status_code == answers[1].status_code >= 400, (method, path, hidden)
            assert without_ids(hidden) == without_ids(missing), (method, path)


BODIES = (
    {"text": "x"}, {"stage": "tiep_nhan"}, {"reason": "x", "root_cause": "human-errors"},
    {"impact": "I4", "scope": "P4", "reason": "x"}, {"what": "x"}, {"emergency": True},
    {"decision": "no", "reason": "x"}, {"other": "SC26-0001"}, {"entry": 1, "reason": "x"},
    {"role": "chi_huy", "who": "Chi", "how": "phone"}, {"task": 1}, {"reason": "x"},
    {"fields": ["class"], "partner": "A", "reason": "x"}, {"share": 1, "who": "A"},
    {"deadline": "ack", "how": "x"}, {"kind": "khac", "reason": "x"},
)  # fmt: skip


def without_ids(text: str) -> str:
    """Return a page without the keys that every form gets anew."""
    return re.sub(r"id-[0-9]+", "", text)


async def test_nobody_links_to_or_merges_into_what_they_may_not_see(office: Office) -> None:
    """The answer is the same as for a code that does not exist."""
    code, own = await cipher(office), await office.open(AN)
    said = await office.refused(AN, own, "link", other=code)
    unknown = await office.refused(AN, own, "link", other="CY26-0099")
    assert said["reason_vi"].replace(code, "") == unknown["reason_vi"].replace("CY26-0099", "")
    gone = await office.refused(AN, own, "move", stage="trung_lap", fields={"parent": code})
    missing = await office.refused(
        AN, own, "move", stage="trung_lap", fields={"parent": "CY26-0099"}
    )
    assert gone["reason_vi"].replace(code, "") == missing["reason_vi"].replace("CY26-0099", "")


async def test_a_cipher_incident_is_in_no_metric_no_local_page_and_no_message(
    office: Office,
) -> None:
    """Messages go to recipients who hold the role; here nobody does."""
    told = len(office.messages())
    counted = Counted()
    await cipher(office)
    office.pass_time(hours=30)
    services = office.province.services
    office.province.db.read_now(
        lambda c: housekeeping.count(c, counted, services.duties, office.clock())
    )
    known = office.province.db.read_now(lambda c: load_known(c, ()))

    assert sum(counted.incidents.values()) == 2  # the two that are seeded and open
    assert not [one for one in known.incidents if one.code.startswith("CY")]
    listed = {one.incident for one in (*counted.listed.incidents, *counted.listed.terms)}
    assert {code[:2] for code in listed} == {"SC"}
    assert not any(word in "".join(message) for message in office.messages() for word in WORDS)
    assert len(office.messages()) >= told


async def test_a_cipher_incident_has_no_clock_of_the_police(office: Office) -> None:
    """It is reported under cipher law; nothing decides otherwise, and nothing is presumed."""
    code = await office.open(
        YEN, class_code="cy_san_pham", summary=SUMMARY, impact="I4", scope="P4"
    )
    await office.refused(
        YEN, code, "reportable", decision="yes", grounds=["ngay"], reason="x", needed="nature"
    )
    office.pass_time(hours=2)
    assert not [name for name in await office.deadlines(code, YEN) if name.startswith("bca_")]


async def test_an_incident_that_becomes_cipher_disappears(office: Office) -> None:
    """Its list, its page and its entries are gone for who wrote it."""
    code = await office.open(AN, class_code="cy_chung_thu")
    await office.do(AN, code, "classify", nature="mat_ma", reason="Lộ khóa ký")
    await office.get(AN, f"/api/v1/incidents/{code}", 404)
    assert (await office.file(YEN, code))["incident"]["nature"] == "mat_ma"


async def test_the_stream_of_changes_does_not_name_what_is_hidden(office: Office) -> None:
    """Not by code and not by number."""
    code, own = await cipher(office), await office.open(AN)
    services = office.province.services
    number = (await office.file(YEN, code))["incident"]["id"]
    stream = live(
        services,
        office.clock() + timedelta(minutes=1),
        services.desk.viewer(f"person:{AN}", office.clock()),
    )
    assert "heartbeat" in await anext(stream)
    for name in (code, str(number), own):
        services.changes.publish("incident", name)
    seen: set[str] = set()
    while own not in seen:
        text = await asyncio.wait_for(anext(stream), 10)
        if "event: changed" in text:
            seen |= set(json.loads(text.split("data: ")[1])["incident"])
    await stream.aclose()  # type: ignore[attr-defined]

    assert seen == {own}


async def test_a_restricted_incident_is_seen_by_those_who_are_named(office: Office) -> None:
    """A list of persons and roles; who restricted it goes on seeing it; opening it again works."""
    code = await office.open(
        AN, summary="Vi phạm nội bộ plugh", class_code="noi_bo", impact="I3", scope="P2"
    )
    await office.refused(AN, code, "restrict", needed="chi_huy", persons=["Kiên"], reason="x")
    await office.do(CHI, code, "restrict", persons=["kiên"], roles=["lanh_dao_vp"], reason="Kín")
    for name in (CHI, DUNG, KIEN):
        assert code in await read(office, name, "/incidents?q=plugh")
    await office.get(AN, f"/incidents/{code}", 404)
    assert code not in await read(office, AN, "/incidents")

    told = len(office.messages())
    office.pass_time(minutes=45)
    later = [subject + body for _, subject, body in office.messages()[told:]]
    assert any(code in text for text in later)  # they are told all the same, and only the code
    assert not any("plugh" in text for text in later)
    await office.do(CHI, code, "restrict", reason="Đã xử lý xong")
    assert code in await read(office, AN, "/incidents?q=plugh")


async def test_every_reading_of_a_restricted_incident_is_recorded(office: Office) -> None:
    """Who read it and when is in the append-only record; an open incident's is not."""
    code, public = await cipher(office), await office.open(AN)
    await office.get(YEN, f"/incidents/{code}")
    office.clock.move(minutes=11)
    await office.get(YEN, f"/api/v1/incidents/{code}")
    office.clock.move(minutes=11)
    await office.get(YEN, f"/api/v1/incidents/{code}/entries")
    await office.get(AN, f"/incidents/{public}")

    def read_record(connection: object) -> list[tuple[str, str]]:
        return [(e.actor, e.canonical) for e in stored_record(connection)]  # type: ignore[arg-type]

    readings = [
        (actor, canonical)
        for actor, canonical in office.province.db.read_now(read_record)
        if '"kind":"reading"' in canonical
    ]
    assert [actor for actor, _ in readings] == [f"person:{YEN}"] * 3
    assert all(code in canonical for _, canonical in readings)


async def test_without_declared_people_nobody_sees_cipher(office: Office) -> None:
    """A province that has not said who the cipher officer is opens none, and the page says so."""
    office.declare(None)
    answer = await office.post(
        AN, "/api/v1/incidents", {"unit": UNIT, "class_code": "cy_san_pham", "summary": "x"}
    )
    assert answer.status_code == 409
    assert answer.json()["needed"] == ["co_yeu"]
    own = await office.open(AN, unit=OTHER_UNIT)
    assert "Chưa khai báo vai trò" in await office.get(AN, f"/incidents/{own}")


@pytest.mark.parametrize("command", ["note", "preserve", "task"])
async def test_a_suspected_secret_takes_pointers_in_place_of_text(
    office: Office, command: str
) -> None:
    """S1 at once; any free text is refused with the words why, wherever it is typed."""
    answer = await office.post(
        AN,
        "/api/v1/incidents",
        {"unit": UNIT, "class_code": "lo_bi_mat", "summary": "Nội dung văn bản mật"},
    )
    assert answer.status_code == 409
    assert "không mô tả nội dung" in answer.json()["reason_vi"]
    code = await office.open(
        AN, class_code="lo_bi_mat", summary="", document="15-BC/TU", custodian="Nguyễn Văn Bốn"
    )
    assert (await office.file(AN, code))["incident"]["severity"] == "S1"

    due = (office.clock() + timedelta(hours=1)).isoformat()
    bodies = {
        "note": ("text", {}),
        "preserve": ("what", {}),
        "task": ("what", {"owner": "Bình", "due": due}),
    }
    field, rest = bodies[command]
    said = await office.refused(AN, code, command, **{field: "Kế hoạch bảo vệ"}, **rest)
    assert "Bí mật nhà nước không được soạn thảo" in said["reason_vi"]
    assert said["needed"] == ["document", "custodian"]
    await office.do(AN, code, command, **{field: "15-BC/TU; Nguyễn Văn Bốn"}, **rest)
    await office.do(AN, code, "point", document="16-BC/TU", custodian="Trần Thị Năm")
