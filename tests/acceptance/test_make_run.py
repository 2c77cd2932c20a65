"""`make run` as the README says it, on this machine and with the network off."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.acceptance.world import ROOT, free_port, wait_until
from tests.conftest import missing

if TYPE_CHECKING:
    from pathlib import Path

HEALTH_WITHIN_SECONDS = 15.0


def log_in(link: str) -> httpx.Client:
    """Open the one-time link as a browser does."""
    browser = httpx.Client(base_url=link.split("/login")[0], follow_redirects=True)
    opened = browser.get(link)
    form = re.search(r'name="secret"[^>]*value="([^"]+)"', opened.text)
    if form:
        origin = {"Origin": str(browser.base_url).rstrip("/")}
        opened = browser.post("/login", data={"secret": form[1]}, headers=origin)
    assert opened.is_success, opened.text
    return browser


def link_in(browser: httpx.Client, page: str, start: str) -> str | None:
    """Return the first link of a page that begins so."""
    found = re.search(rf'href="({start}[^"]+)"', browser.get(page).text)
    return found[1] if found else None


def shows_health(page: str) -> bool:
    """Say whether a host's page shows that it reports, with values of its own."""
    return "liveness-on_time" in page and "node_memory_MemTotal_bytes" in page


class Up:
    """A running `wanwatch up` and what it printed."""

    def __init__(self, data: Path, log: Path) -> None:
        self.log = log
        self.said_before = len(log.read_text()) if log.exists() else 0
        self.started_at = time.monotonic()
        command = [sys.executable, "-m", "collector", "up", "--data", str(data)]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--listen", f"127.0.0.1:{free_port()}"],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def link(self) -> str:
        """Return the one-time link once it is printed."""
        found = wait_until(lambda: re.search(r"http://\S+/login\S+", self.said()), "a link")
        return str(found[0])

    def said(self) -> str:
        """Return what this run printed so far."""
        return self.log.read_text()[self.said_before :]

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


def test_up_shows_this_host_and_goes_on_after_ctrl_c(tmp_path: Path) -> None:
    """Health within 15 s, a clean end, and the second start knows the first."""
    data, log = tmp_path / "var", tmp_path / "up.log"
    first = Up(data, log)
    try:
        browser = log_in(first.link())
        host = wait_until(lambda: link_in(browser, "/units/000", "/hosts/"), "this host's page")
        wait_until(lambda: shows_health(browser.get(host).text), "this host's health")
        assert time.monotonic() - first.started_at < HEALTH_WITHIN_SECONDS
    finally:
        code = first.interrupt()

    assert (code, "Traceback" in first.said()) == (0, False), first.said()
    second = Up(data, log)
    try:
        again = log_in(second.link())
        page = again.get(host)
    finally:
        code = second.interrupt()
    assert (code, page.status_code) == (0, 200), second.said()


@pytest.mark.timeout(600)
def test_make_run_works_with_the_network_off(tmp_path: Path) -> None:
    """From a fresh clone and a folder of wheels, in a network namespace that has only loopback."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        missing("making a network namespace needs root and the `ip` command")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    wheels = tmp_path / "wheels"
    subprocess.run(
        ["make", "-s", "wheelhouse", f"WHEELS={wheels}", f"PYTHON={sys.executable}"],
        cwd=clone,
        check=True,
    )
    script = tmp_path / "offline.py"
    script.write_text(OFFLINE)
    done = subprocess.run(
        ["unshare", "--net", sys.executable, str(script), str(clone), str(wheels)],
        capture_output=True,
        text=True,
        timeout=500,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["status"] == 200
    assert seen["exit"] in {0, -signal.SIGINT}  # make ends by the signal it was sent
    assert "Traceback" not in done.stderr


# Runs inside the namespace: `make run` to the printed link, one request, Ctrl-C.
OFFLINE = """
import json, os, re, signal, subprocess, sys, urllib.request
clone, wheels = sys.argv[1:]
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
environment |= {"PYTHONUNBUFFERED": "1", "PIP_CONFIG_FILE": "/dev/null"}
make = ["make", "run", "WHEELHOUSE=" + wheels, "PYTHON=" + sys.executable, "LISTEN=127.0.0.1:8440"]
run = subprocess.Popen(make, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True,
                       start_new_session=True)
status = None
for line in run.stdout:
    sys.stderr.write(line)
    if found := re.search(r"http://\\S+/login\\S+", line):
        status = urllib.request.urlopen(found[0]).status
        os.killpg(run.pid, signal.SIGINT)
print(json.dumps({"status": status, "exit": run.wait()}))
"""
