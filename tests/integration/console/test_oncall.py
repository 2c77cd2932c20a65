"""Who is on call over HTTP: now and then, overrides, calendars, phone tree, handovers, why."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from collector.oncall.keeper import OncallKeeper
from collector.oncall.phone_desk import Incoming
from collector.storage.desk_store import DeskStore
from collector.storage.outbox_store import claim, settle
from collector.storage.queries.incidents import code_of
from collector.storage.record import stored_record
from collector.storage.schema import attempts, outbox
from collector.web import build
from incidents.governor import StormPolicy
from incidents.outbox import DeliveryError, outcome
from incidents.paging_policy import DeliveryPolicy
from incidents.people import load_people
from incidents.reports.letterheads import load_letterheads
from tests.province import open_province, raise_incident
from tests.report_samples import LETTERHEADS
from tests.switchboards import BY_SHIFTS, CONTACTS, SCHEDULES, switchboard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database
    from tests.province import Province

NIGHT = "2026-11-24T02:12:40+07:00"  # the clock of these tests
API = "/api/v1/oncall"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """A province with schedules in force."""
    made = open_province(tmp_path, db=db)
    adopt(made)
    return made


def adopt(province: Province, schedules: str = SCHEDULES, contacts: str = CONTACTS) -> None:
    """Let schedules be in force since yesterday."""
    board, desk = switchboard(schedules=schedules, contacts=contacts), province.services.desk
    now = province.clock()
    desk.adopt(desk.rulesets, desk.policy, board.people, now, board)  # type: ignore[attr-defined]
    since = now - timedelta(days=1)
    province.db.write_now(lambda c: desk.keep(DeskStore(c), since))  # type: ignore[attr-defined]


def keeper(province: Province) -> OncallKeeper:
    """The keeper over the province's desk."""
    ids = iter(range(1_000))
    desk = province.services.desk
    return OncallKeeper(province.db, desk, new_message_id=lambda: f"gap-{next(ids)}")  # type: ignore[arg-type]


def kinds_of_record(province: Province) -> list[str]:
    """The kinds of entries in the configuration record."""
    return [one.kind for one in province.db.read_now(lambda c: list(stored_record(c)))]


async def test_who_is_on_call_now_and_then(cli: httpx.AsyncClient) -> None:
    """One line a schedule; before the schedules came into force nobody was."""
    rows = (await cli.get(API)).json()
    assert [(row["schedule"], row["primary"], row["backup"]) for row in rows] == [
        ("tinh", "an", "binh"),
        ("huyen", "giang", ""),
    ]
    assert rows[0]["shift"] == "đêm"
    assert (await cli.get(API, params={"at": "2026-11-20T00:00:00Z"})).json() == []
    later = (await cli.get(API, params={"at": "2026-12-01T03:00:00Z"})).json()
    assert later[0]["shift"] == "ngày"


async def test_an_override_is_kept_told_and_taken_back(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """Who stands in holds until it is taken back; the record has both, and neither is changed."""
    body = {
        "schedule": "tinh",
        "from": "2026-11-24T07:00:00+07:00",
        "until": "2026-11-24T19:00:00+07:00",
        "out": "an",
        "stand_in": "dung",
        "reason": "khám sức khỏe",
    }
    made = await cli.post(f"{API}/overrides", json=body)
    assert made.status_code == 201
    (number,) = made.json()["ids"]
    at = {"at": "2026-11-24T10:00:00+07:00"}
    assert (await cli.get(API, params=at)).json()[0]["primary"] == "dung"
    assert (await cli.get(API, params=at)).json()[0]["primary_instead_of"] == "an"
    (listed,) = (await cli.get(f"{API}/overrides")).json()
    assert (listed["reason"], listed["made_by"]) == ("khám sức khỏe", "person:an")
    gone = await cli.post(f"{API}/overrides/{number}/cancel", json={"reason": "đã xong"})
    assert gone.status_code == 200
    assert (await cli.get(API, params=at)).json()[0]["primary"] == "an"
    assert (await cli.post(f"{API}/overrides/{number}/cancel", json={})).status_code == 409
    assert kinds_of_record(province).count("oncall") == 2
    for change in ("UPDATE oncall_overrides SET reason = ''", "DELETE FROM oncall_cancelled"):
        with pytest.raises(DBAPIError, match="append-only"):
            province.db.write_now(lambda c, sql=change: c.execute(text(sql)))  # type: ignore[misc]


async def test_two_swap_their_shifts(cli: httpx.AsyncClient) -> None:
    """Each stands in for the other in one step."""
    body = {
        "from": "2026-11-24T07:00:00+07:00", "until": "2026-11-24T19:00:00+07:00",
        "out": "an", "stand_in": "dung",
        "back_from": "2026-11-25T07:00:00+07:00", "back_until": "2026-11-25T19:00:00+07:00",
    }  # fmt: skip
    assert len((await cli.post(f"{API}/overrides", json=body)).json()["ids"]) == 2
    half = {name: value for name, value in body.items() if name != "back_until"}
    assert (await cli.post(f"{API}/overrides", json=half)).status_code == 409


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        ({"schedule": "x"}, ["schedule"]),
        ({"out": "la"}, ["out", "stand_in"]),
        ({"out": "", "stand_in": ""}, ["out", "stand_in"]),
        ({"until": "2026-11-24T06:00:00+07:00"}, ["until"]),
    ],
)
async def test_what_cannot_be_is_refused(
    cli: httpx.AsyncClient, change: dict[str, str], needed: list[str]
) -> None:
    """With the field that is wrong, and what there is."""
    body = {
        "from": "2026-11-24T07:00:00+07:00",
        "until": "2026-11-24T19:00:00+07:00",
        "out": "an",
        "stand_in": "dung",
    }
    answer = await cli.post(f"{API}/overrides", json=body | change)
    assert (answer.status_code, answer.json()["needed"]) == (409, needed)


async def test_gaps_are_seen_before_they_begin(cli: httpx.AsyncClient, province: Province) -> None:
    """An absence without a stand-in is a shift without a backup: list, due list, notice, once."""
    absence = {
        "from": "2026-11-28T07:00:00+07:00",
        "until": "2026-11-29T07:00:00+07:00",
        "out": "an",
    }
    assert (await cli.get(f"{API}/gaps")).json() == []
    await cli.post(f"{API}/overrides", json=absence)
    (gap,) = (await cli.get(f"{API}/gaps")).json()
    assert (gap["schedule"], gap["kind"]) == ("tinh", "no_backup")
    due = [one for one in (await cli.get("/api/v1/due")).json() if one["kind"] == "gap"]
    assert [(one["code"], one["owner"], one["state"]) for one in due] == [
        ("tinh", "chi_huy", "sap_den_han")
    ]
    watch = keeper(province)
    counts = await watch.turn(province.clock())
    assert (counts["no_backup"], counts["unverified_contact"]) == (1, 4)
    await watch.turn(province.clock() + timedelta(days=1))
    query = select(outbox).where(outbox.c.reason == "oncall_gap")
    notices = province.db.read_now(lambda c: c.execute(query).all())
    assert [(row.recipient, row.address) for row in notices] == [("chi", "chi@x.vn")]
    assert "Trực ca tỉnh: chưa có người trực dự phòng" in notices[0].subject


async def test_a_calendar_comes_in_once(cli: httpx.AsyncClient) -> None:
    """A leave of whole days; the same file again changes nothing; what came in goes out, too."""
    ics = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:nghi-1\r\nSUMMARY:Nghỉ phép\r\n"
        "DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261203\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    body = {"ics": ics, "person": "an", "stand_in": "dung", "schedule": "tinh"}
    first = await cli.post(f"{API}/import", json=body)
    assert (len(first.json()["ids"]), first.json()["known"]) == (1, 0)
    again = await cli.post(f"{API}/import", json=body)
    assert (again.json()["ids"], again.json()["known"]) == ([], 1)
    at = {"at": "2026-12-01T03:00:00Z"}
    assert (await cli.get(API, params=at)).json()[0]["primary"] == "dung"
    out = (await cli.get(f"{API}/overrides.ics")).text
    (event,) = Calendar.from_ical(out).walk("VEVENT")
    assert str(event["X-WANWATCH-IN"]) == "dung"
    assert (await cli.post(f"{API}/import", json=body | {"ics": "x"})).status_code == 409


async def test_ones_own_calendar(cli: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    """Its secret address opens it without a log-in, opens nothing else, and ends with a new one."""
    made = await cli.post(f"{API}/contacts/an/calendar")
    address = made.json()["address"]
    shown = await stranger.get(address)
    assert shown.status_code == 200
    assert len(Calendar.from_ical(shown.text).walk("VEVENT")) > 100
    assert (await stranger.get(address.replace("/an.ics", "/binh.ics"))).status_code == 401
    assert (await stranger.get("/oncall/an.ics")).status_code == 401
    key = address.partition("key=")[2]
    assert (await stranger.get("/oncall", params={"key": key})).status_code == 401
    assert (await stranger.get(API, params={"key": key})).status_code == 401
    assert (await cli.post(f"{API}/contacts/binh/calendar")).status_code == 409
    await cli.post(f"{API}/contacts/an/calendar")
    assert (await stranger.get(address)).status_code == 401


async def test_the_phone_tree(cli: httpx.AsyncClient, person: httpx.AsyncClient) -> None:
    """Who is on call comes first; what is not verified is marked; the page can be printed."""
    rows = (await cli.get(f"{API}/contacts")).json()
    assert {row["name"] for row in rows[:3]} == {"an", "binh", "giang"}
    by_name = {row["name"]: row for row in rows}
    assert by_name["an"]["phones"] == ["0912 000 001"]
    assert (by_name["an"]["is_verified"], by_name["chi"]["is_verified"]) == (True, False)
    page = (await person.get("/oncall/phone-tree")).text
    assert "in lúc 24/11/2026 02:12" in page
    assert "Nguyễn Văn An" in page
    assert page.count('class="unverified"') == 4


@pytest.fixture(params=["chi"])
async def chi(
    province: Province, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    """The commander's browser, or somebody else's by name."""
    transport = httpx.ASGITransport(app=build(province.services))
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    base = "http://wan.example:8440"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        link = await province.access.make_link(request.param)
        assert (await client.post("/login", data={"secret": link.secret})).status_code == 303
        yield client


async def test_the_page_shows_now_a_month_and_gaps(chi: httpx.AsyncClient) -> None:
    """Now, the next shift, the days of a month, gaps in red; the form enters an override."""
    assert (await chi.get("/oncall?month=0001-01")).status_code == 200
    page = (await chi.get("/oncall?month=2026-12")).text
    assert "Nguyễn Văn An" in page
    assert 'id="now-tinh"' in page
    assert "0912 000 001" in page
    assert "31/12" in page
    assert 'class="shift gap"' not in page
    form = {
        "schedule": "tinh", "out": "an", "stand_in": "", "start": "2026-12-02T07:00",
        "until": "2026-12-02T19:00", "reason": "ốm",
    }  # fmt: skip
    done = await chi.post("/oncall/overrides", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/oncall?done=added")
    page = (await chi.get("/oncall?month=2026-12&done=added")).text
    assert 'class="shift gap"' in page
    assert "chưa có người dự phòng" in page
    assert "ốm" in page
    wrong = await chi.post("/oncall/overrides", data=form | {"until": ""})
    assert wrong.status_code == 409
    assert "Cần ghi đủ ngày giờ" in wrong.text
    assert (await chi.post("/oncall/overrides/1/cancel")).status_code == 303
    assert 'class="shift gap"' not in (await chi.get("/oncall?month=2026-12")).text


async def test_the_page_gives_ones_own_calendar(
    chi: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    """The address is shown once, with its secret, and works."""
    page = (await chi.post("/oncall/calendar")).text
    address = html.unescape(page.partition('id="calendar-address">')[2].partition("<")[0])
    assert address.startswith("http://wan.example:8440/oncall/chi.ics?key=")
    assert (await stranger.get(address)).status_code == 200


@pytest.mark.parametrize("chi", ["Người lạ"], indirect=True)
async def test_who_lacks_the_role_enters_nothing(chi: httpx.AsyncClient) -> None:
    """Somebody who is not declared is told which role it needs."""
    form = {"out": "an", "stand_in": "", "start": "2026-11-26T07:00", "until": "2026-11-26T19:00"}
    refused = await chi.post("/oncall/overrides", data=form)
    assert refused.status_code == 403


async def test_a_reply_by_telephone_passes_on_and_acknowledges(province: Province) -> None:
    """`2 CODE` from the number of whoever is called calls the next; `1 CODE` of theirs takes it."""
    code = await an_incident(province)
    phone, db, now = province.services.phone, province.db, province.clock()

    def said(number: str, text_: str) -> str:
        came = Incoming(f"{number}{text_}", number, text_)
        return str(db.write_now(lambda c: phone.take(c, came, "modem-1", now)).outcome)

    assert said("+84911111111", f"2 {code}") == "unknown_number"
    assert said("0912000001", f"2 {code}") == "passed_on"
    query = select(outbox).where(outbox.c.reason == "passed_on")
    called = {row.recipient for row in db.read_now(lambda c: c.execute(query).all())}
    assert called == {"binh", "Trực ca", "Lãnh đạo Văn phòng"}  # the static list stays beside
    assert said("84912000002", f"1 {code}") == "acknowledged"


async def an_incident(province: Province) -> str:
    """Raise the worst incident and return its code."""
    alert = province.db.read_now(lambda c: c.execute(text("SELECT min(id) FROM alerts")).scalar())
    values = {"impact": "I3", "scope": "P4", "dedup_key": "of these tests"}
    desk, now = province.services.desk, province.clock()
    number = province.db.write_now(
        lambda c: raise_incident(desk, c, int(alert or 0), now, **values)  # type: ignore[arg-type]
    )
    return province.db.read_now(lambda c: code_of(c, number))


async def test_without_schedules_nothing_changes(person: httpx.AsyncClient, tmp_path: Path) -> None:
    """A province without `oncall.yaml` has the page, and it says how pages go."""
    del tmp_path
    page = (await person.get("/oncall?lang=en")).text
    assert "Who is on call" in page


async def test_a_handover_is_made_written_into_and_signed_by_both(
    cli: httpx.AsyncClient, province: Province, chi: httpx.AsyncClient
) -> None:
    """The document stands when the shift begins; each side signs by its own log-in."""
    adopt(province, BY_SHIFTS)
    await keeper(province).turn(province.clock())
    (row,) = (await cli.get("/api/v1/handovers")).json()
    assert (row["schedule"], row["outgoing"][0], row["incoming"][0]) == ("tinh", "an", "dung")
    assert row["at"] == "2026-11-23T12:00:00Z"
    assert row["left_open"]
    where = f"/api/v1/handovers/{row['id']}"
    assert {one["code"] for one in row["document"]["incidents"]} >= set(row["left_open"])
    note = {"field": "luu_y", "text": "máy chủ 2 đang chờ linh kiện"}
    assert (await cli.post(f"{where}/notes", json=note)).status_code == 201
    assert (await cli.post(f"{where}/notes", json=note | {"field": "x"})).status_code == 409
    mine = await cli.post(f"{where}/sign", json={"side": "outgoing"})
    assert (mine.status_code, mine.json()["is_signed"]) == (201, False)
    other = await cli.post(f"{where}/sign", json={"side": "incoming"})
    assert (other.status_code, other.json()["needed"]) == (409, ["person"])

    due = [one for one in (await cli.get("/api/v1/due")).json() if one["kind"] == "handover"]
    assert [(one["term"], one["state"]) for one in due] == [("tinh", "qua_han")]
    assert (await keeper(province).turn(province.clock()))["unsigned_handover"] == 1

    cli.headers["X-Wanwatch-Actor"] = "dung"
    refused = await cli.post(f"{where}/sign", json={"side": "incoming"})
    assert (refused.status_code, refused.json()["needed"]) == (409, sorted(row["left_open"]))
    body = {"side": "incoming", "accepted": row["left_open"]}
    assert (await cli.post(f"{where}/sign", json=body)).json()["is_signed"] is True
    assert (await cli.post(f"{where}/notes", json=note)).status_code == 409
    assert kinds_of_record(province).count("handover") == 4
    for change in ("UPDATE handovers SET document = ''", "DELETE FROM handover_signatures"):
        with pytest.raises(DBAPIError, match="append-only"):
            province.db.write_now(lambda c, sql=change: c.execute(text(sql)))  # type: ignore[misc]
    page = (await chi.get(f"/oncall/handovers/{row['id']}")).text
    assert "máy chủ 2 đang chờ linh kiện" in page
    assert "dung đã ký lúc" in page
    assert (await chi.get("/oncall/handovers")).status_code == 200
    assert (await cli.get("/api/v1/handovers/999")).status_code == 404
    await minutes_are_kept(cli, province, row["id"])


async def minutes_are_kept(cli: httpx.AsyncClient, province: Province, handover: int) -> None:
    """Minutes that both signed are printed and sent as they are: no leader signs, no number."""
    heads = load_letterheads(LETTERHEADS, file="reports.yaml")
    province.services.reports.adopt(heads)
    cli.headers["X-Wanwatch-Actor"] = "an"
    asked = {"kind": "handover", "subject": str(handover)}
    made = (await cli.post("/api/v1/documents", json=asked)).json()
    assert made["missing"] == ["tinh_trang"]
    where = f"/api/v1/documents/{made['id']}"
    fields = {"tinh_trang": "Mạng ổn định"}
    assert (await cli.post(f"{where}/fill", json={"fields": fields})).status_code == 200
    assert (await cli.post(f"{where}/ask")).json()["state"] == "signed"
    shown = (await cli.get(where)).json()["document"]
    assert [signer["name"] for signer in shown["signers"]] == ["an", "dung"]
    number = {"number": "1", "on": "2026-11-24"}
    assert (await cli.post(f"{where}/number", json=number)).status_code == 409
    sent = {"recipient": "Lưu hồ sơ ca", "how": "Bản in"}
    assert (await cli.post(f"{where}/sent", json=sent)).json()["state"] == "sent"
    assert (await cli.post("/api/v1/documents", json=asked | {"subject": "999"})).status_code == 404


async def test_a_handover_is_shown_to_who_sees_its_units(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """Whoever answers for one region alone sees the handovers of that region, and of their own."""
    daily = SCHEDULES.replace("{persons: [giang],", "{persons: [giang, an], rotation: daily,")
    both = daily.replace("{persons: [an],", "{persons: [an, dung], rotation: {shifts: 1},")
    adopt(province, both)
    at = province.clock() + timedelta(hours=5)
    await keeper(province).turn(at)
    assert {one["schedule"] for one in (await cli.get("/api/v1/handovers")).json()} == {
        "tinh",
        "huyen",
    }
    cli.headers["X-Wanwatch-Actor"] = "giang"
    shown = (await cli.get("/api/v1/handovers")).json()
    assert [one["schedule"] for one in shown] == ["huyen"]
    assert [one["code"] for one in shown[0]["document"]["incidents"]] == []
    numbers = province.db.read_now(
        lambda c: c.execute(text("SELECT id FROM handovers WHERE schedule = 'tinh'")).scalar()
    )
    assert (await cli.get(f"/api/v1/handovers/{numbers}")).status_code == 404
    body = {"side": "incoming"}
    assert (await cli.post(f"/api/v1/handovers/{numbers}/sign", json=body)).status_code == 404
    assert (
        await cli.post(
            f"/api/v1/handovers/{shown[0]['id']}/notes", json={"field": "luu_y", "text": "ghi"}
        )
    ).status_code == 201


async def test_a_handover_is_not_for_who_sees_some_units(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """It lists what is open everywhere; whoever signs it reads it all the same."""
    rotating = "{persons: [an, dung], rotation: {shifts: 1}, start: 2026-11-02}"
    adopt(province, SCHEDULES.replace("{persons: [an], start: 2026-11-02}", rotating))
    await keeper(province).turn(province.clock())
    (row,) = (await cli.get("/api/v1/handovers")).json()
    desk = province.services.desk
    people = "people: [{{name: {}, roles: [truc_ca], units: [000.02.30]}}]"
    for name, status in (("Một Đơn Vị", 404), (row["outgoing"][0], 200)):
        named = load_people(people.format(name), file="people.yaml")
        desk.people = named  # type: ignore[misc]
        cli.headers["X-Wanwatch-Actor"] = quote(name)
        listed = (await cli.get("/api/v1/handovers")).json()
        assert len(listed) == (status == 200)
        assert (await cli.get(f"/api/v1/handovers/{row['id']}")).status_code == status
        assert (await cli.get(f"/oncall/handovers/{row['id']}")).status_code == status


async def test_why_was_i_paged_or_not(
    cli: httpx.AsyncClient, province: Province, chi: httpx.AsyncClient
) -> None:
    """Every decision with its reason and level, every attempt with its outcome, for one person."""
    contacts = CONTACTS.replace("channels: [mail, hook], verified_on: 2026-11-01", "channels: []")
    adopt(province, contacts=contacts)
    code, now = await an_incident(province), province.clock()
    (message, *_) = province.db.write_now(
        lambda c: [m for m in claim(c, "mail", now, 100, StormPolicy()) if m.incident == code]
    )
    failed = outcome(message, DeliveryError("no route", retryable=True), DeliveryPolicy(), now, 0.5)
    province.db.write_now(lambda c: settle(c, failed))

    rows = (await cli.get(f"/api/v1/incidents/{code}/why")).json()
    said = [(row["kind"], row["person"], row["told"], row["reason"], row["level"]) for row in rows]
    assert ("decision", "an", False, "no_channel", 1) in said
    assert ("decision", "binh", True, "first", 2) in said
    tried = [row for row in rows if row["kind"] == "attempt"]
    assert tried
    assert ("pending", "no route") in [(row["status"], row["error"]) for row in tried]
    mine = (await cli.get(f"/api/v1/incidents/{code}/why", params={"person": "AN"})).json()
    assert {row["person"] for row in mine} <= {"an", ""}
    page = (await chi.get(f"/incidents/{code}/why")).text
    assert "không có kênh nào dùng được" in page
    assert "bậc 1" in page
    assert (await chi.get(f"/incidents/{code}")).status_code == 200
    assert province.db.read_now(lambda c: c.execute(select(attempts)).all())
    assert (await cli.get("/api/v1/incidents/SC26-9999/why")).status_code == 404


def test_the_clock_of_these_tests() -> None:
    """The night in which these tests take place."""
    assert datetime.fromisoformat(NIGHT).astimezone(UTC) == datetime(
        2026, 11, 23, 19, 12, 40, tzinfo=UTC
    )
