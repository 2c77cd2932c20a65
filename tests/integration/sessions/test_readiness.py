"""Readiness, pre-check records and the roll call over public HTTP, the clock driven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.rush import rush_of
from collector.storage.mutes import NewMute, add_mute
from tests.integration.desk.office import AN, BINH, KIEN, Office
from tests.integration.sessions.measured import BRIDGE, CODES, Rooms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@pytest.fixture
async def office(tmp_path: Path, db: Database) -> AsyncIterator[Office]:
    """People with roles on a Monday morning."""
    made = Office(tmp_path, db, MONDAY)
    yield made
    await made.close()


@pytest.fixture
def rooms(office: Office) -> Rooms:
    """Four rooms, measured and good."""
    made = Rooms(office.province, 4)
    made.good()
    return made


async def plan(office: Office, rooms: Rooms, **values: Any) -> int:
    """Plan a session of class B and return its number."""
    body = {
        "name": "Giao ban", "session_class": "B", "starts_at": STARTS_AT.isoformat(),
        "ends_at": (STARTS_AT + timedelta(hours=2)).isoformat(), "bridge": BRIDGE,
        "conference": "9001", "points": rooms.points(),
    }  # fmt: skip
    answer = await office.post(AN, "/api/v1/sessions", body | values)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def board(office: Office, number: int, who: str = AN) -> dict[str, Any]:
    """Return the board as somebody reads it."""
    return dict(await office.get(who, f"/api/v1/sessions/{number}/readiness"))


async def answer(office: Office, number: int, *answers: dict[str, Any], who: str = AN) -> Any:
    """Let somebody answer the roll call."""
    body = {"answers": list(answers), "sent_at": office.clock().isoformat()}
    return await office.post(who, f"/api/v1/sessions/{number}/answers", body)


def cells(found: dict[str, Any], order: int) -> dict[str, Any]:
    """Return the cells of a point by check."""
    point = next(one for one in found["points"] if one["order"] == order)
    return {cell["check"]: cell for cell in point["cells"]}


async def test_a_board_goes_from_not_checked_to_go_and_names_what_is_red(
    office: Office, rooms: Rooms
) -> None:
    """Measured and said: go. A fault is red with value, threshold, age, source and runbook."""
    number = await plan(office, rooms)
    office.clock.instant = STARTS_AT - timedelta(minutes=50)
    rooms.good()
    before = await board(office, number)
    assert (before["moment"], before["verdict"]) == ("t60m", "not_checked")

    said = await answer(office, number, {"points": [1, 2, 3, 4], "answer": "good"})
    assert said.json() == {"new": 4}
    assert (await board(office, number))["verdict"] == "go"

    rooms.set("path-3", "wanwatch_stamp_direction_lost_ratio", 0.04, direction="forward")
    office.clock.move(seconds=3)
    found = await board(office, number)
    assert found["verdict"] == "no_go"
    assert [point["order"] for point in found["points"]] == [3, 1, 2, 4]
    cell = cells(found, 3)["path_loss"]
    assert (cell["value"], cell["threshold"], cell["source"]) == (0.04, 0.01, "path-3")
    assert (cell["age_seconds"], cell["runbook"]) == (3.0, "path-quality")
    page = await office.get(AN, f"/sessions/{number}/readiness")
    for word in ("Chưa đạt", "4,0 %", "≥ 1,0 %", "/runbooks/path-quality", "path-3"):
        assert word in page


async def test_what_is_no_longer_measured_is_not_checked(office: Office, rooms: Rooms) -> None:
    """Values age out; nothing turns a missing one green."""
    number = await plan(office, rooms)
    office.clock.instant = STARTS_AT - timedelta(minutes=50)
    rooms.good()
    await answer(office, number, {"points": [1, 2, 3, 4], "answer": "good"})
    office.clock.move(minutes=12)

    found = await board(office, number)

    assert {point["verdict"] for point in found["points"]} == {"not_checked"}
    assert cells(found, 1)["reachability"]["reason"] == "old"


async def test_incidents_and_windows_in_the_way_are_found(office: Office, rooms: Rooms) -> None:
    """Of the unit, the endpoint or the bridge; a window at another time is in nobody's way."""
    number = await plan(office, rooms)
    code = await office.open(AN, unit=CODES[1], class_code="hn_hinh", summary="Mất hình")
    window = {
        "agent": f"target:{BRIDGE}", "reason": "Nâng cấp MCU", "owner": "An",
        "starts_at": (STARTS_AT + timedelta(minutes=30)).isoformat(),
        "ends_at": (STARTS_AT + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    made = office.province.db.write_now(lambda c: _window(c, window, office))
    assert made

    found = await board(office, number)

    assert cells(found, 2)["troubles"]["text"] == code
    assert cells(found, 1)["troubles"]["verdict"] == "go"
    assert {cells(found, order)["maintenance"]["verdict"] for order in (1, 2, 3, 4)} == {"no_go"}


def _window(connection: Any, window: dict[str, str], office: Office) -> int:
    new = NewMute(
        kind="maintenance", agent=window["agent"], unit="", rule="", reason=window["reason"],
        owner="An", starts_at=datetime.fromisoformat(window["starts_at"]),
        ends_at=datetime.fromisoformat(window["ends_at"]), weekly="",
    )  # fmt: skip
    return add_mute(connection, new, f"person:{AN}", office.clock())


async def test_records_are_made_by_the_clock_once_each_and_on_demand(
    office: Office, rooms: Rooms
) -> None:
    """At 24 hours, 60 and 15 minutes before; a session that is moved has them anew."""
    number = await plan(office, rooms)
    desk = office.province.services.readiness

    async def turned_until(until: datetime, minutes: int = 5) -> list[str]:
        while office.clock() < until:
            office.clock.move(minutes=minutes)
            await desk.turn(office.clock())
        records = await office.get(AN, f"/api/v1/sessions/{number}/checks")
        return [one["moment"] for one in reversed(records)]

    assert await turned_until(STARTS_AT - timedelta(hours=23), 30) == ["t24h"]
    assert await turned_until(STARTS_AT) == ["t24h", "t60m", "t15m"]
    log = await office.get(AN, f"/api/v1/sessions/{number}/log")
    checks = [entry for entry in log if entry["kind"] == "check"]
    assert [entry["code"] for entry in checks] == ["t24h", "t60m", "t15m"]
    assert {entry["actor"] for entry in checks} == {"machine:collector"}

    later = {"starts_at": (STARTS_AT + timedelta(hours=3)).isoformat()}
    assert (await office.post(AN, f"/api/v1/sessions/{number}/move", later)).is_success
    assert (await turned_until(STARTS_AT + timedelta(hours=2, minutes=30)))[3:] == ["t24h", "t60m"]


async def test_points_are_asked_anew_before_a_record_and_only_their_answers_count(
    office: Office, rooms: Rooms
) -> None:
    """Devices and paths in turns; the board shows what came, and what did not is not checked."""
    number = await plan(office, rooms)
    desk, plans = office.province.services.readiness, office.province.services.plans
    host = rooms.heard()
    rooms.good()
    office.clock.move(seconds=20)

    made = (await office.post(AN, f"/api/v1/sessions/{number}/checks", {})).json()

    assert (made["id"], made["asking"]) == (None, 8)
    assert cells(await board(office, number), 1)["path_loss"]["verdict"] == "not_checked"
    await desk.turn(office.clock())
    plans.rush(rush_of([], rooms.fleet.targets, office.clock(), 0.0, desk.under_way.anew))
    hurry = plans.of(host).hurry
    assert hurry is not None
    assert {ask.probe for ask in hurry.asks} == {"sip", "icmp", "stamp"}
    office.clock.move(seconds=10)
    rooms.good(1, 2, 3)
    rooms.answer(*(f"{kind}-{place}" for kind in ("codec", "path") for place in (1, 2, 3)))
    await desk.turn(office.clock())
    assert "6/8 thiết bị và đường" in await office.get(AN, f"/sessions/{number}/readiness")
    shown = await board(office, number)
    assert [cells(shown, place)["path_loss"]["verdict"] for place in (1, 4)] == [
        "go", "not_checked",
    ]  # fmt: skip
    office.clock.move(seconds=40)
    await desk.turn(office.clock())

    (record,) = await office.get(AN, f"/api/v1/sessions/{number}/checks")
    assert record["actor"] == f"person:{AN}"
    kept = (await office.get(AN, f"/api/v1/sessions/{number}/checks/{record['id']}"))["board"]
    for check in ("path_loss", "reachability", "registration"):
        assert [cells(kept, place)[check]["verdict"] for place in (1, 4)] == ["go", "not_checked"]
    assert cells(kept, 4)["path_loss"]["reason"] == "old"
    assert not desk.under_way.anew
    assert "thiết bị và đường" not in await office.get(AN, f"/sessions/{number}/readiness")


async def test_the_clock_asks_before_the_instant_of_a_record(office: Office, rooms: Rooms) -> None:
    """Asked from a turn before; all have answered: the record is made at its instant, and green."""
    number = await plan(office, rooms)
    desk, clock = office.province.services.readiness, office.clock
    rooms.heard()
    clock.move(seconds=(STARTS_AT - timedelta(minutes=15, seconds=60) - clock()).total_seconds())
    await desk.turn(clock())
    assert desk.under_way.anew == {}
    clock.move(seconds=30)
    await desk.turn(clock())
    assert set(desk.under_way.anew) == {f"{k}-{n}" for k in ("codec", "path") for n in range(1, 5)}
    rooms.good(far_end="9001")
    rooms.answer(*desk.under_way.anew)
    await desk.turn(clock())
    assert not await office.get(AN, f"/api/v1/sessions/{number}/checks")
    clock.move(seconds=32)

    await desk.turn(clock())

    (record,) = await office.get(AN, f"/api/v1/sessions/{number}/checks")
    assert (record["moment"], record["actor"]) == ("t15m", "machine:collector")
    kept = (await office.get(AN, f"/api/v1/sessions/{number}/checks/{record['id']}"))["board"]
    assert {cells(kept, n)[c]["verdict"] for n in range(1, 5) for c in ("path_loss", "call")} == {
        "go"
    }


async def test_a_record_is_kept_as_it_was_and_signed(office: Office, rooms: Rooms) -> None:
    """What changed since is not in it; a second signature of one person is the first."""
    number = await plan(office, rooms)
    client = await office.client(AN)
    path, key = f"/api/v1/sessions/{number}/checks", {"Idempotency-Key": "k1"}
    made = await client.post(path, headers=key)
    again = await client.post(path, headers=key)
    record = made.json()["id"]
    assert made.status_code == 201
    assert again.json()["id"] in (record, None)
    assert len(await office.get(AN, path)) == 1

    rooms.set("codec-1", "wanwatch_probe_alive", 0, probe="sip")
    kept = await office.get(AN, f"{path}/{record}")
    assert cells(kept["board"], 1)["reachability"]["verdict"] == "go"
    for _ in range(2):
        signed = await office.post(AN, f"{path}/{record}/sign", {"note": "Đã in"})
        assert signed.status_code == 201
    kept = await office.get(AN, f"{path}/{record}")
    assert [one["actor"] for one in kept["signatures"]] == [f"person:{AN}"]
    page = await office.get(AN, f"/sessions/{number}/checks/{record}")
    assert f"{AN} ký lúc" in page
    assert kept["digest"] in page
    log = await office.get(AN, f"/api/v1/sessions/{number}/log")
    assert [entry["code"] for entry in log if entry["kind"] == "signed"] == ["pre_check"]
    assert (await office.post(AN, f"{path}/99/sign", {})).status_code == 404


async def test_an_unsigned_record_is_due_half_an_hour_before_the_beginning(
    office: Office, rooms: Rooms
) -> None:
    """From the pre-check on, until somebody signs one of it; one of the day before is none."""
    number = await plan(office, rooms)
    path = f"/api/v1/sessions/{number}/checks"

    async def due() -> list[tuple[str, str]]:
        rows = await office.get(AN, "/api/v1/due")
        return [(one["term"], one["state"]) for one in rows if one["kind"] == "session"]

    early = (await office.post(AN, path, {})).json()["id"]
    await office.post(AN, f"{path}/{early}/sign", {})
    assert await due() == []
    minutes = (STARTS_AT - timedelta(minutes=50) - office.clock()).total_seconds() / 60
    office.clock.move(minutes=minutes)
    sessions, now = office.province.services.sessions, office.clock()
    office.province.db.write_now(lambda c: sessions.turn(c, now))
    assert await due() == [("record", "sap_den_han")]
    office.clock.move(minutes=25)
    assert await due() == [("record", "qua_han")]

    record = (await office.post(AN, path, {})).json()["id"]
    await office.post(AN, f"{path}/{record}/sign", {})

    assert await due() == []


async def test_answers_count_once_and_at_the_instant_they_were_made(
    office: Office, rooms: Rooms
) -> None:
    """A browser that was offline sends late, twice, and by a clock that is wrong."""
    number = await plan(office, rooms)
    office.clock.instant = STARTS_AT - timedelta(minutes=50)
    wrong = timedelta(hours=3)
    made_at = office.clock() - timedelta(minutes=4)
    body = {
        "answers": [
            {"points": [2], "answer": "no_sound", "at": (made_at + wrong).isoformat(), "key": "a"}
        ],
        "sent_at": (office.clock() + wrong).isoformat(),
    }
    path = f"/api/v1/sessions/{number}/answers"

    first = await office.post(AN, path, body)
    second = await office.post(AN, path, body)

    assert (first.json(), second.json()) == ({"new": 1}, {"new": 0})
    cell = cells(await board(office, number), 2)["sound"]
    assert (cell["verdict"], cell["source"]) == ("no_go", f"person:{AN}")
    assert datetime.fromisoformat(cell["said_at"]) == made_at


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"points": [1], "answer": "perfect"}, "answer"),
        ({"points": [9], "answer": "good"}, "points"),
    ],
)
async def test_what_cannot_be_answered_is_refused_with_its_reason(
    office: Office, rooms: Rooms, body: dict[str, Any], field: str
) -> None:
    """Nothing of a request that names what is not there is kept."""
    number = await plan(office, rooms)

    refused = await answer(office, number, body)

    assert refused.status_code == 409
    assert refused.json()["needed"] == [field]


async def test_who_only_reads_answers_and_signs_nothing(office: Office, rooms: Rooms) -> None:
    """An auditor looks; an officer of one unit answers for that unit alone."""
    number = await plan(office, rooms)
    assert (await board(office, number, KIEN))["session"] == number

    assert (
        await answer(office, number, {"points": [1], "answer": "good"}, who=KIEN)
    ).status_code == 403
    own = await answer(office, number, {"points": [2], "answer": "good"}, who=BINH)
    other = await answer(office, number, {"points": [1], "answer": "good"}, who=BINH)
    assert (own.status_code, other.status_code) == (201, 403)


async def test_the_roll_call_shows_who_is_next_and_works_without_script(
    office: Office, rooms: Rooms
) -> None:
    """The next point and its technician's telephone; an answered one is called no more."""
    number = await plan(office, rooms)
    office.clock.instant = STARTS_AT - timedelta(minutes=50)
    client = await office.client(AN)
    page = (await client.get(f"/sessions/{number}/roll-call")).text
    assert 'data-order="1">Hàm Thuận' in page
    assert "Kỹ thuật 2" in page

    sent = await client.post(
        f"/sessions/{number}/roll-call", data={"answer": "good", "points": ["1", "2"], "key": "x"}
    )

    assert sent.status_code == 303
    page = (await client.get(f"/sessions/{number}/roll-call")).text
    assert 'id="current" data-order="3"' in page
    assert "2/4" in page
