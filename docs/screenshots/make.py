"""Makes the README's pictures from the running program: a demonstration, its faults, a browser.

Run: make screenshots   (needs Chromium; takes about two minutes)
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from playwright import sync_api

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
LISTEN = "127.0.0.1:8449"
WAIT_SECONDS = 150.0
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 760}


class Picture(NamedTuple):
    """One picture: the page, the size of the screen, the language."""

    name: str
    path: str
    screen: dict[str, int]
    language: str = "vi"


def main() -> None:
    """Start the demonstration, wait for its faults, take the pictures, end it."""
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory) / "demo"
        process = subprocess.Popen(
            [sys.executable, "-m", "collector", "demo", "--data", str(data), "--listen", LISTEN],
            stdout=subprocess.DEVNULL,
        )
        try:
            client = _client(data)
            incident = _wait_for_incident(client)
            with sync_api.sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                for picture in _pictures(client, incident):
                    _take(browser, client, picture)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _client(data: Path) -> httpx.Client:
    """Return a client with the token of the command line, as soon as the collector answers."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        token = data / "cli.token"
        if token.exists():
            headers = {"Authorization": f"Bearer {token.read_text().strip()}"}
            client = httpx.Client(base_url=f"http://{LISTEN}", headers=headers)
            try:
                if client.get("/-/ready").status_code == 200:
                    return client
            except httpx.TransportError:
                client.close()
        time.sleep(0.5)
    raise SystemExit("the demonstration did not start")


def _wait_for_incident(client: httpx.Client) -> str:
    """Return the code of the incident of the full disk, once others are there, too."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        items = _items(client, "/api/v1/incidents?state=open")
        full = [item for item in items if item["class_code"] == "kt_qua_tai"]
        if full and len(items) >= 2:
            time.sleep(30)  # a little past, so that the graphs show something
            return str(full[0]["code"])
        time.sleep(1)
    raise SystemExit("the faults of the demonstration made no incident")


def _pictures(client: httpx.Client, incident: str) -> list[Picture]:
    found = client.get(f"/api/v1/incidents/{incident}").json()["incident"]
    hosts = client.get("/api/v1/agents", params={"q": found["host"]}).json()["items"]
    agent = next(host["id"] for host in hosts if host["host"] == found["host"])
    return [
        Picture("units", "/", DESK),
        Picture("incident", f"/incidents/{incident}", DESK),
        Picture("host", f"/hosts/{agent}", DESK, "en"),
        Picture("phone", f"/incidents/{incident}", PHONE),
    ]


def _take(browser: Browser, client: httpx.Client, picture: Picture) -> None:
    link = client.post("/api/v1/login-links", json={"user": "Nguyễn Văn An"}).json()["path"]
    context = browser.new_context(viewport=picture.screen, base_url=f"http://{LISTEN}")
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button").first.click()
    page.wait_for_url("**/")
    page.goto(f"{picture.path}?lang={picture.language}")
    page.wait_for_load_state("load")
    path = HERE / f"{picture.name}.png"
    page.screenshot(path=path)
    context.close()
    print(f"{path.relative_to(Path.cwd())}: {path.stat().st_size // 1024} KiB")


def _items(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    found = json.loads(client.get(path).content)
    return list(found["items"])


if __name__ == "__main__":
    main()
