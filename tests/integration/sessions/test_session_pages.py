"""Readiness, roll call and live board in a real browser: seen, used by keys, offline and back."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from collector.storage import sessions as store
from collector.storage.schema import incidents
from incidents.sessions.log import LogKind
from incidents.sessions.model import Point, Session, Stage
from tests.browser_site import PHONE, WIDE, Site, keep, serving, ticking
from tests.integration.sessions.measured import BRIDGE, Rooms
from tests.province import open_province

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page
    from sqlalchemy import Connection

    from incidents.sessions.log import LogEntry

COUNT = 30
PLACES = (
    "Tỉnh ủy (điểm chính)", "Hàm Thuận", "Bắc Bình", "Đức Linh", "Tánh Linh", "Phan Thiết", "La Gi",
    "Tuy Phong", "Hàm Tân", "Phú Quý",
)  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A province with thirty measured rooms in one live session of class A."""
    province = open_province(
        tmp_path, clock=ticking(), heartbeat_seconds=0.5, stale_after_seconds=2.5
    )
    with serving(province) as found:
        yield found


def plan(site: Site, rooms: Rooms, *, is_live: bool) -> int:
    """Keep a session that begins in half an hour, or goes on."""
    now = site.province.clock()
    points = tuple(
        replace(
            Point(order, point["unit"], PLACES[order - 1] if order <= 10 else f"Xã số {order}"),
            target=point["target"], path=point["path"], technician=point["technician"],
            phone=point["phone"], is_confirmed=order != 9, is_main=order == 1,
            way="telephone" if order == 10 else "codec",
        )
        for order, point in enumerate(rooms.points(), 1)
    )  # fmt: skip
    starts_at = now - timedelta(minutes=10) if is_live else now + timedelta(minutes=30)
    new = Session(
        0, "Hội nghị Tỉnh ủy mở rộng", "A", starts_at, starts_at + timedelta(hours=3),
        chair="Bí thư Tỉnh ủy", bridge=BRIDGE, conference="9001",
        began_at=starts_at if is_live else None,
        stage=Stage.LIVE if is_live else Stage.PRE_CHECK, points=points,
    )  # fmt: skip
    return site.province.db.write_now(lambda c: store.add_session(c, new, "person:An", now))


def open_page(site: Site, path: str, size: dict[str, int], ready: str) -> Page:
    """Log in and open a page; wait until it shows what is said."""
    page = site.open("/", size)
    page.goto(path)
    page.wait_for_selector(ready)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    return page


def alarm(site: Site, number: int) -> None:
    """Let an open incident be one that began in the path of a session a moment ago."""

    def write(connection: Connection) -> None:
        first = select(incidents.c.id).where(incidents.c.ended.is_(False)).limit(1)
        incident = int(connection.execute(first).scalar_one())
        values = {"detected_at": site.province.clock(), "acknowledged_at": None}
        connection.execute(update(incidents).where(incidents.c.id == incident).values(**values))
        store.note_incident(connection, number, incident)

    site.province.db.write_now(write)
    site.inside(lambda: site.province.changes.publish("incident", "1"))


def log_of(site: Site, number: int, kind: LogKind) -> list[LogEntry]:
    """Return the entries of a kind."""
    entries = site.province.db.read_now(lambda c: store.whole_log(c, number))
    return [entry for entry in entries if entry.kind is kind]


def wait_until(holds: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Return what holds as soon as it does: the browser works in its own time."""
    ends_at = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := holds()):
        assert time.monotonic() < ends_at, "it never came"
        pause.wait(0.05)
    return found


def seed_faults(rooms: Rooms) -> None:
    """One line that loses, one codec that is silent, one that is elsewhere."""
    rooms.set("path-3", "wanwatch_stamp_direction_lost_ratio", 0.041, direction="forward")
    rooms.set("codec-7", "wanwatch_probe_alive", 0, probe="sip")
    rooms.set("codec-8", "wanwatch_endpoint_peripheral_up", 0, kind="camera", name="Camera 1")
    rooms.set("path-12", "wanwatch_stamp_jitter_seconds", 0.024, direction="forward")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_readiness_board_is_seen_whole(site: Site, size: dict[str, int]) -> None:
    """The worst first, red with value, threshold and runbook; nothing is cut off."""
    rooms = Rooms(site.province, COUNT)
    rooms.good()
    seed_faults(rooms)
    number = plan(site, rooms, is_live=False)

    page = open_page(site, f"/sessions/{number}/readiness", size, "#feed[data-state=on]")

    assert "4,1 %" in page.inner_text("main")
    if size is WIDE:
        first = page.locator("table.ready tbody tr").first
        assert "ready-no_go" in (first.get_attribute("class") or "")
        assert page.locator("#point-3 [data-check=path_loss] a.runbook").count() == 1
    keep(page, f"readiness-{size['width']}")
    page.click("text=Kiểm tra ngay và lập biên bản")
    page.wait_for_selector("text=Ký biên bản")
    page.click("text=Ký biên bản")
    page.wait_for_selector("text=Đã ký biên bản.")
    page.emulate_media(media="print")
    keep(page, f"record-{size['width']}")
    assert not site.troubles


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_live_board_follows_within_two_seconds(site: Site, size: dict[str, int]) -> None:
    """A fault that an agent reports, and its end, show without anybody touching the screen."""
    rooms = Rooms(site.province, COUNT)
    rooms.good(far_end="9001")
    seed_faults(rooms)
    number = plan(site, rooms, is_live=True)
    page = open_page(site, f"/sessions/{number}/live", size, "#heard[data-state=on]")
    rooms.good(far_end="9001")
    seed_faults(rooms)
    site.inside(lambda: site.province.changes.publish("host", "agent-may-chu-01-00"))
    page.wait_for_selector("#point-3[data-v=no_go]")
    assert page.get_attribute("#point-5", "data-v") == "go"

    def breaks() -> None:
        rooms.set("path-5", "wanwatch_stamp_direction_lost_ratio", 0.06, direction="reverse")
        site.province.changes.publish("host", "agent-may-chu-01-00")

    began = time.monotonic()
    site.inside(breaks)
    page.wait_for_selector("#point-5[data-v=no_go]", timeout=2_000)
    assert time.monotonic() - began < 2.0
    assert "6,0 %" in page.inner_text("#point-5")
    keep(page, f"live-{size['width']}")
    assert not site.troubles


def test_what_stops_coming_turns_grey_and_the_board_says_when_it_is_cut_off(site: Site) -> None:
    """No data is never green, and neither is a board without a server."""
    rooms = Rooms(site.province, 3)
    rooms.good(far_end="9001")
    number = plan(site, rooms, is_live=True)
    page = open_page(site, f"/sessions/{number}/live", PHONE, "#heard[data-state=on]")
    page.wait_for_selector("#point-2[data-v=go]")

    def ages() -> None:
        for place in rooms.fleet.places:
            for series in place.series.values():
                series.shift(-300.0)
        site.province.changes.publish("host", "agent-may-chu-01-00")

    site.inside(ages)
    page.wait_for_selector("#point-2[data-v=not_checked]")
    assert page.locator(".tile-live[data-v=go]").count() == 0
    page.context.set_offline(offline=True)
    site.inside(site.province.services.stopping.set)
    page.wait_for_selector("body.is-stale", timeout=15_000)
    keep(page, "live-stale")
    site.inside(site.province.services.stopping.clear)
    page.context.set_offline(offline=False)
    page.wait_for_selector("body:not(.is-stale)", timeout=20_000)


def test_symptoms_are_logged_by_keys_alone(site: Site) -> None:
    """Letters without marks, or a number, then one key; the measured values stand with it."""
    rooms = Rooms(site.province, COUNT)
    rooms.good(far_end="9001")
    number = plan(site, rooms, is_live=True)
    page = open_page(site, f"/sessions/{number}/live", WIDE, "#heard[data-state=on]")
    page.wait_for_selector("#point-2[data-v=go]")

    for key in "hth":
        page.keyboard.press(key)
    assert page.locator(".tile-live.found").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector("#point-2.chosen")
    keep(page, "live-keys")
    page.keyboard.press("h")
    entry = wait_until(lambda: log_of(site, number, LogKind.SYMPTOM))[0]
    assert (entry.point, entry.code) == (2, "no_picture")
    assert entry.data["measured"]["path"]["verdict"] == "go"
    page.wait_for_selector("#point-2 .symptoms li:not(.waiting)")
    page.wait_for_selector("#point-2[data-v=no_go]")

    for keys in ("12", "Enter", "t"):
        for key in [keys] if keys == "Enter" else keys:
            page.keyboard.press(key)
    wait_until(lambda: len(log_of(site, number, LogKind.SYMPTOM)) == 2)
    for key in ("2", "Enter", "."):
        page.keyboard.press(key)
    assert wait_until(lambda: log_of(site, number, LogKind.RESTORED))[0].point == 2
    page.wait_for_selector("#point-2[data-v=go]")
    for key in ("2", "Enter", "/"):
        page.keyboard.press(key)
    page.keyboard.type("Đã thay cáp HDMI")
    page.keyboard.press("Enter")
    assert wait_until(lambda: log_of(site, number, LogKind.NOTE))[0].text == "Đã thay cáp HDMI"
    page.keyboard.press("*")
    assert wait_until(lambda: log_of(site, number, LogKind.SECRETARIAT))[0].point == 0
    page.click("#secretariat")
    wait_until(lambda: len(log_of(site, number, LogKind.SECRETARIAT)) == 2)
    alarm(site, number)
    page.wait_for_selector("#alarms .unanswered")
    assert "trước khi gọi điện thoại" in page.inner_text("#alarms")
    keep(page, "live-alarm")
    assert not site.troubles


def test_what_is_entered_offline_is_sent_once_with_its_instant(site: Site) -> None:
    """A telephone without network keeps taps, also over a reload, and sends each of them once."""
    rooms = Rooms(site.province, COUNT)
    rooms.good(far_end="9001")
    number = plan(site, rooms, is_live=True)
    page = open_page(site, f"/sessions/{number}/live", PHONE, "#heard[data-state=on]")
    page.wait_for_selector("#point-2[data-v=go]")
    page.context.set_offline(offline=True)
    tapped_at = site.province.clock()
    page.tap("#point-2 h2") if page.evaluate("'ontouchstart' in window") else page.click(
        "#point-2 h2"
    )
    page.wait_for_selector("#keys button")
    keep(page, "live-tap")
    page.click('#keys button[data-key="r"]')
    page.wait_for_selector("#point-2 .symptoms li.waiting")
    page.click("#point-4 h2")
    page.click('#keys button[data-key="l"]')
    page.click("#point-6 h2")
    page.click("#let-go")
    page.wait_for_selector("#point-6:not(.chosen)")
    page.click("#point-5 h2")
    page.wait_for_selector("#point-5.chosen")
    page.keyboard.press("+")
    page.wait_for_selector("#point-5:not(.chosen)")
    seen = page.screenshot()
    picture: Any = {"name": "den.png", "mimeType": "image/png", "buffer": seen}
    page.set_input_files("#photo", [picture])
    page.wait_for_selector("#point-5 .symptoms li.waiting")
    keep(page, "live-offline")
    assert "3 mục" in page.inner_text("#queue")
    assert not log_of(site, number, LogKind.SYMPTOM)
    page.context.set_offline(offline=False)

    entries = wait_until(
        lambda: (found := log_of(site, number, LogKind.SYMPTOM)) and len(found) == 2 and found
    )
    assert [(entry.point, entry.code) for entry in entries] == [(2, "dropped"), (4, "line")]
    assert abs(entries[0].at - tapped_at) < timedelta(seconds=3)
    page.wait_for_selector("#queue", state="hidden")
    page.reload()
    page.wait_for_selector("#heard[data-state=on]")
    assert len(log_of(site, number, LogKind.SYMPTOM)) == 2
    (photo,) = log_of(site, number, LogKind.PHOTO)
    assert (photo.point, photo.data["media_type"]) == (5, "image/jpeg")
    assert photo.data["bytes"] < len(seen)
    assert abs(photo.at - tapped_at) < timedelta(seconds=5)
    page.goto(f"/sessions/{number}")
    shown = page.locator(f"#log-{photo.id} .thumb img")
    shown.scroll_into_view_if_needed()
    wait_until(lambda: shown.evaluate("image => image.naturalWidth"))
    keep(page, "session-photo")


def test_the_roll_call_runs_by_keys(site: Site) -> None:
    """One key per answer moves to the next point; several answer at once; offline ones wait."""
    rooms = Rooms(site.province, COUNT)
    rooms.good()
    number = plan(site, rooms, is_live=False)
    page = open_page(site, f"/sessions/{number}/roll-call", WIDE, "#feed[data-state=on]")
    keep(page, "roll-call-1920")

    page.keyboard.press("1")
    page.wait_for_selector("#current[data-order='2']")
    page.keyboard.press("3")
    page.wait_for_selector("#current[data-order='3']")
    answers = wait_until(
        lambda: (found := log_of(site, number, LogKind.ROLL_CALL)) and len(found) == 2 and found
    )
    assert [(entry.point, entry.code) for entry in answers] == [(1, "good"), (2, "no_sound")]
    page.context.set_offline(offline=True)
    page.keyboard.press("7")
    page.wait_for_selector("#queue:not([hidden])")
    page.context.set_offline(offline=False)
    wait_until(lambda: len(log_of(site, number, LogKind.ROLL_CALL)) == 3, 15)
    page.wait_for_selector("#feed[data-state=on]")
    page.click("text=Còn lại")
    page.keyboard.press("1")
    wait_until(lambda: len(log_of(site, number, LogKind.ROLL_CALL)) == COUNT, 15)
    phone = open_page(site, f"/sessions/{number}/roll-call", PHONE, "#feed[data-state=on]")
    keep(phone, "roll-call-390")


def test_a_board_of_class_a_goes_on_when_the_log_in_ends(site: Site) -> None:
    """Its own secret shows it, and opens nothing else; a wall display needs no log-in at all."""
    rooms = Rooms(site.province, 3)
    rooms.good(far_end="9001")
    number = plan(site, rooms, is_live=True)
    page = open_page(site, f"/sessions/{number}/live", WIDE, "#heard[data-state=on]")
    cookies = page.context.cookies()
    assert any(one["name"] == "wanwatch-board" and one["httpOnly"] for one in cookies)
    page.context.clear_cookies(name="wanwatch")
    page.reload()
    page.wait_for_selector("#heard[data-state=on]")
    assert page.locator("#logger").count() == 0
    page.goto("/incidents")
    assert "/login" in page.url

    other = site.open("/", WIDE)
    other.goto(f"/sessions/{number}/live")
    other.click("text=Mở trên màn hình khác")
    link = other.inner_text("#board-link")
    wall = site.browser.new_context(viewport=WIDE, base_url=site.address).new_page()
    wall.goto(
        link.replace("http://wan.example:8440", site.address).replace(
            "http://127.0.0.1:8440", site.address
        )
    )
    wall.wait_for_selector("#heard[data-state=on]")
    wall.wait_for_selector("#point-2[data-v=go]")
    keep(wall, "live-wall")
