"""The pages in a real browser: no error, no breach of the policy, live, readable on a phone."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import pytest

from collector.accounts import totp
from incidents.commands import Acknowledge
from tests.browser_site import PHONE, WIDE, Site, keep, serving, ticking
from tests.days import seed_days
from tests.province import open_province, seed_cut_unit, seed_hours, seed_mutes, seed_sessions
from tests.report_samples import seed_reports
from tests.switchboards import put_on_call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PATHS = [
    "/",
    "/units/000.11.30",
    "/hosts/agent-may-chu-05-00",
    "/hosts/agent-may-tram-07-01",
    "/alerts",
    "/worklist",
    "/directory",
    "/endpoints",
    "/endpoints?kind=all",
    "/endpoints/cx-bac-binh",
    "/endpoints/cx-phu-quy",
    "/endpoints/rt-bac-binh",
    "/due",
    "/oncall?month=2026-12",
    "/oncall/phone-tree",
    "/oncall/handovers",
    "/oncall/handovers/1",
    "/incidents/SC26-0003/why",
    "/account",
    "/log-ins",
    "/procedure",
    "/procedure/diff?a=vn-2026&b=vn-2017-legacy",
    "/record",
    "/incidents/new",
    "/sessions",
    "/sessions/new?copy=1",
    "/sessions/1",
    "/sessions/2",
    "/sessions/1/readiness",
    "/sessions/1/roll-call",
    "/day?day=2026-11-23&all=true",
    "/day/000.11.30?day=2026-11-23",
    "/daily",
    "/periods?period=2026-11",
    "/kpi",
    "/kpi/records?figure=on_time&key=ack",
    "/incidents",
    "/incidents/SC26-0001",
    "/incidents/SC26-0002",
    "/incidents/SC26-0003",
    "/incidents/SC26-0004",
    "/units/000.12.30",
    "/mutes?agent=agent-may-chu-05-00",
    "/mutes",
    "/hosts/agent-may-tram-02-01",
    "/hours",
    "/hours/missing",
    "/services",
    "/targets",
    "/targets/phong-hop",
    "/reports",
    "/reports/waiting",
    "/certificates",
    "/carriers",
    "/incidents/SC26-0004/carrier",
    "/reports/1",
    "/reports/2",
    "/runbooks",
    "/runbooks/filesystem-almost-full?agent=agent-may-chu-05-00",
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Serve a seeded province on a free port; the heart beats fast, silence is short."""
    province = open_province(
        tmp_path, clock=ticking(), heartbeat_seconds=0.3, stale_after_seconds=2.0
    )
    seed_cut_unit(province)
    seed_mutes(province)
    seed_hours(province)
    put_on_call(province)
    seed_sessions(province)
    seed_days(province)
    seed_reports(province)
    with serving(province) as found:
        yield found


def test_bar_fits_every_width(site: Site) -> None:
    """Nothing of it is cut off, from a small laptop to a telephone; the way out least of all."""
    for width in (1920, 1440, 1280, 1181, 1024, 780, 390):
        page = site.open("/", {"width": width, "height": 800})
        page.wait_for_selector("#feed[data-state=on]")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        box = page.locator("form.who button").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width, width
        assert box["height"] < 40, width
        page.context.close()


def test_every_page_opens_without_a_complaint_of_the_browser(site: Site) -> None:
    """No script error, nothing missing, nothing that the policy forbids, no sideways scroll."""
    for size in (WIDE, PHONE):
        page = site.open("/", size)
        for path in PATHS:
            page.goto(path)
            page.wait_for_selector("#feed[data-state=on]")
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            hidden = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('.bar nav'))"
            assert page.evaluate(hidden) <= 0, path
            keep(
                page,
                f"{path.split('?')[0].strip('/').replace('/', '-') or 'units'}-{size['width']}",
            )
        page.context.close()
    assert site.troubles == []


def test_change_appears_without_reloading(site: Site) -> None:
    """What somebody else does is on the screen; what a person was typing stays."""
    page = site.open("/incidents/SC26-0003", WIDE)
    page.fill("#note-text", "đang viết dở")
    page.click("summary >> text=Trùng lặp")

    def acknowledge(connection: object) -> None:
        tx = site.province.services.desk_tx(connection)  # type: ignore[arg-type]
        number = 3
        site.province.services.desk.command(
            tx, number, Acknowledge(), "person:Trần Thị Bích", site.province.clock()
        )

    site.province.db.write_now(acknowledge)
    site.inside(lambda: site.province.changes.publish("incident", "3"))
    page.wait_for_selector("#acknowledge", state="detached")
    page.wait_for_selector(".timeline >> text=Trần Thị Bích")
    assert page.input_value("#note-text") == "đang viết dở"
    assert site.troubles == []


def test_values_turn_grey_in_silence_and_come_back(site: Site) -> None:
    """Without any event the page says since when it is old; with the next one it is current."""
    page = site.open("/", WIDE)
    page.context.set_offline(True)
    silenced = page.evaluate("document.body.classList.contains('is-stale')")
    assert not silenced
    site.inside(site.province.services.stopping.set)
    page.wait_for_selector("body.is-stale", timeout=15_000)
    assert "Không nhận được tin từ" in page.inner_text("#stale")
    assert page.inner_text("#feed") == "Mất cập nhật"
    keep(page, "stale-1920")
    site.inside(site.province.services.stopping.clear)
    page.context.set_offline(False)
    page.wait_for_selector("#feed[data-state=on]", timeout=20_000)
    page.wait_for_selector("body:not(.is-stale)")
    assert page.is_hidden("#stale")


def test_language_is_switched_and_remembered(site: Site) -> None:
    """One click, on every page from then on."""
    page = site.open("/incidents/SC26-0003", WIDE)
    page.click("text=English")
    page.wait_for_selector("text=Acknowledge the incident")
    page.goto("/")
    assert page.get_attribute("html", "lang") == "en"
    page.click("text=Tiếng Việt")
    page.wait_for_selector("html[lang=vi]")
    assert site.troubles == []


def test_person_acknowledges_on_a_phone(site: Site) -> None:
    """At 390 wide the button is on the first screen and large enough for a thumb."""
    page = site.open("/", PHONE)
    page.click("text=Ổ đĩa /var trên may-chu-05-00")
    button = page.wait_for_selector("#acknowledge")
    keep(page, "acknowledge-390")
    assert button is not None
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 56
    assert box["y"] + box["height"] <= PHONE["height"]
    button.click()
    page.wait_for_selector("text=Đã tiếp nhận sự cố.")
    keep(page, "acknowledged-390")
    assert page.query_selector("#acknowledge") is None
    assert site.troubles == []


def test_incident_is_taken_with_the_keyboard_alone(site: Site) -> None:
    """Tab reaches the button, Enter presses it."""
    page = site.open("/incidents/SC26-0003", WIDE)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "acknowledge":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Đã tiếp nhận sự cố.")


def test_person_logs_in_with_password_and_code(site: Site) -> None:
    """The first log-in leads to a password of one's own; codes on, log out, in with a code."""
    first, own = "con trâu bơi qua sông", "đò đưa khách lạ xứ"
    admin = site.province.services.account_admin
    adding = admin.add("Trần Thị Bích", first, by="person:root")
    asyncio.run_coroutine_threadsafe(adding, site.loop).result(10)
    page = site.browser.new_context(viewport=PHONE, base_url=site.address).new_page()
    page.on("console", lambda m: m.type == "error" and site.troubles.append(m.text))
    page.goto("/due")
    page.fill("#login-name", "trần thị bích")
    page.fill("#login-password", first)
    keep(page, "login-390")
    page.press("#login-password", "Enter")
    page.wait_for_url("**/account")
    assert page.locator("#totp").count() == 0
    page.fill("#password-current", first)
    page.fill("#password-new", own)
    page.fill("#password-again", own)
    page.click("#form-password button")
    page.wait_for_url("**/account?done=password")
    page.fill("#totp-password", own)
    page.click("#form-totp button")
    secret = base64.b32decode(page.inner_text("#totp-secret"))
    shown = "document.querySelector('main img').naturalWidth"
    assert page.evaluate(shown) > 100
    keep(page, "account-codes-390")
    clock = site.province.clock
    page.fill("#totp-confirm-code", totp.code_of(secret, totp.step_at(clock())))
    page.click("#form-totp-confirm button")
    recovery = page.inner_text("#recovery-codes").split()[0]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.click("form.who button")
    page.fill("#login-name", "Trần Thị Bích")
    page.fill("#login-password", own)
    page.fill("#login-code", recovery)
    page.click("#form-login button")
    page.wait_for_selector("#feed[data-state=on]")
    page.context.close()
    assert site.troubles == []
