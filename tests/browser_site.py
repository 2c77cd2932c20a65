"""The application under its real server and in a real browser, for tests that look at pages."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import uvicorn
from playwright import sync_api

from collector.web import build
from tests.conftest import missing
from tests.web_fakes import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from playwright.sync_api import Browser, Page

    from tests.province import Province

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = {"width": 1920, "height": 1080}, {"width": 390, "height": 844}


@dataclass
class Site:
    """The application under its real server, and what went wrong in the browser."""

    province: Province
    address: str
    browser: Browser
    loop: asyncio.AbstractEventLoop
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str, size: dict[str, int]) -> Page:
        """Log in and open a page; everything the browser complains of is kept."""
        context = self.browser.new_context(viewport=size, base_url=self.address)
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and self.troubles.append(m.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on(
            "response", lambda r: r.status >= 400 and self.troubles.append(f"{r.status} {r.url}")
        )
        access = self.province.access
        link = access.new_link("Nguyễn Văn An")
        self.province.db.write_now(lambda connection: access.store_link(connection, link))
        page.goto(f"/login/{link.secret}")
        page.click("button")
        page.wait_for_url(self.address + "/")
        page.goto(path)
        page.wait_for_selector("#feed[data-state=on]")
        return page

    def inside(self, work: Callable[[], None]) -> None:
        """Do something in the server's own thread, where the application lives."""
        self.loop.call_soon_threadsafe(work)


def ticking() -> Callable[[], datetime]:
    """Return a clock that starts at the instant of all tests and goes on from there."""
    started = time.monotonic()
    return lambda: NOW + timedelta(seconds=time.monotonic() - started)


@contextmanager
def serving(province: Province) -> Iterator[Site]:
    """Serve a province on a free port, with a browser to look at it."""
    if CHROMIUM is None:
        missing("no Chromium on this machine")
    config = uvicorn.Config(
        build(province.services), port=0, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    startup = server.startup
    loops: list[asyncio.AbstractEventLoop] = []

    async def noted(*arguments: object, **named: object) -> None:
        await startup(*arguments, **named)
        loops.append(asyncio.get_running_loop())
        started.set()

    server.startup = noted  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield Site(province, f"http://127.0.0.1:{port}", browser, loops[0])
            browser.close()
    finally:
        loops[0].call_soon_threadsafe(province.services.stopping.set)
        server.should_exit = True
        thread.join(10)
        province.db.close()


def keep(page: Page, name: str) -> None:
    """Keep a picture for a person to look at, where one asked for it."""
    if folder := os.environ.get("WANWATCH_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
