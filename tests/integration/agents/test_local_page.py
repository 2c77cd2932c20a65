"""The local page of a real agent, in a real browser."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from playwright import sync_api

from agents.local_page import Facts, Line
from agents.local_page_html import STALE_SECONDS, render
from tests.conftest import missing
from tests.integration.agents.collector_door import Reply
from tests.integration.agents.test_agent_process import Agents, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.integration.agents.collector_door import Door

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
NOW = 1_795_000_000.0
GREEN, GREY = "rgb(26, 127, 55)", "rgb(117, 117, 117)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a screen."""
    if CHROMIUM is None:
        missing("needs Chromium: make setup-services")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def agents(tmp_path: Path) -> Iterator[Agents]:
    """Agents of one data directory."""
    agents = Agents(tmp_path / "data")
    yield agents
    agents.close()


def lamps(page: Page) -> list[str]:
    """Return the colours of the three lights."""
    colour = "lamp => getComputedStyle(lamp).backgroundColor"
    return [lamp.evaluate(colour) for lamp in page.locator(".lamp").all()]


def opened(browser: Browser, path: Path) -> list[str]:
    """Return the colours of the three lights now."""
    page = browser.new_page()
    page.goto(path.as_uri())
    found = lamps(page)
    page.close()
    return found


@pytest.mark.parametrize(
    ("age_seconds", "expected"),
    [
        (0, [GREEN, GREY, GREEN]),
        (STALE_SECONDS + 5, [GREY] * 3),
        (-STALE_SECONDS - 5, [GREY] * 3),
    ],
)
def test_lights_turn_grey_when_nobody_writes_the_page_any_more(
    browser: Browser, tmp_path: Path, age_seconds: float, expected: list[str]
) -> None:
    """An agent that died leaves its page behind; so does a clock that was set."""
    facts = Facts("pc-01", "a-1", Line(202, NOW, 0, was_tried=True), known=())
    path = tmp_path / "page.html"
    path.write_text(render(facts, {}, NOW), encoding="utf-8")

    page = browser.new_page()
    page.clock.set_fixed_time(NOW + age_seconds)
    page.goto(path.as_uri())
    assert lamps(page) == expected
    notice = page.get_by_text("Tác tử giám sát trên máy này không còn chạy").first
    assert notice.is_visible() is bool(age_seconds)
    page.close()


def test_agent_keeps_the_page_while_it_runs_and_says_when_it_stops(
    agents: Agents, door: Door, browser: Browser
) -> None:
    """From the first report on; with what the collector told, and grey at the end."""
    door.default = lambda request: Reply(
        body={"state": "s", "known": [], "contact": "Trực ca: 0123"}
    )
    process = agents.run(door.url)
    path = agents.data / "local-page.html"
    wait_for(lambda: path.exists() and "Thông" in path.read_text(encoding="utf-8"))

    assert opened(browser, path) == [GREEN, GREY, GREEN]
    assert "Trực ca: 0123" in path.read_text(encoding="utf-8")

    process.send_signal(signal.SIGTERM)
    process.wait(5)
    assert opened(browser, path) == [GREY] * 3
