"""A second machine watches the collector, and the collector the second machine: real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.world import CHANNELS, ROOT, UNIT, Mailbox, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance.world import World

LOOK_SECONDS = 0.5


class Watcher:
    """`wanwatch watch` as a process with a mail server of its own."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world, self.directory = world, directory
        self.mailbox = Mailbox()
        directory.mkdir()
        page = CHANNELS.format(port=self.mailbox.port, repeat="1h")
        (directory / "page.yaml").write_text(page, encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        words = [
            *("watch", "--collector", f"http://127.0.0.1:{self.world.port}"),
            *("--page", self.directory / "page.yaml", "--name", "canh-1"),
            *("--state", self.directory / "state.json", "--every-seconds", LOOK_SECONDS),
            *more,
        ]
        with (self.directory / "log").open("ab") as log:
            command = [sys.executable, "-m", "collector", *map(str, words)]
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def expected(self) -> tuple[str, str]:
        """Let the collector expect this watcher; return the option that names its token."""
        made = self.world.run("watcher", "add", "canh-1", "--unit", UNIT)
        assert made.returncode == 0, made.stderr
        token = self.directory / "token"
        token.write_text(made.stdout, encoding="utf-8")
        return "--token-file", str(token)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(15)
            self.process = None

    @property
    def said(self) -> list[str]:
        """The first words of what was sent."""
        return [subject.split(" · ")[0] for subject in self.mailbox.subjects()]

    def log(self) -> str:
        return (self.directory / "log").read_text(encoding="utf-8")


@pytest.fixture
def watcher(world: World, tmp_path: Path) -> Iterator[Watcher]:
    """A running collector with an agent, and a watcher that is not started yet."""
    made = Watcher(world, tmp_path / "watcher")
    world.start_all()
    try:
        yield made
    finally:
        made.end()
        made.mailbox.stop()


def nobody(sockets: contextlib.ExitStack) -> str:
    """Return an address that answers nothing: its queue is full, nobody takes from it."""
    listener = sockets.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    for _ in range(4):
        client = sockets.enter_context(socket.socket())
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
    return f"127.0.0.1:{listener.getsockname()[1]}"


def silent_watchers(world: World, state: str = "firing") -> list[dict[str, str]]:
    found: list[dict[str, str]] = world.get(f"/api/v1/alerts?rule=WatcherSilent&state={state}")[
        "items"
    ]
    return found


def test_killed_collector_is_paged_once_by_its_watcher_alone(
    world: World, watcher: Watcher
) -> None:
    """kill -9: one page after three looks; back again: one word that it is; the collector none."""
    watcher.start(*watcher.expected())
    wait_until(lambda: world.get("/api/v1/watchers")[0]["name"] == "canh-1", "it is expected")
    wait_until(lambda: 'wanwatch_watcher_up{watcher="canh-1"} 1.0' in world.text("/metrics"), "up")

    world.end("collector", signal.SIGKILL)
    wait_until(lambda: watcher.said, "the watcher pages")
    world.start("collector")
    world.wait_ready()
    wait_until(lambda: len(watcher.said) == 2, "it says that the collector is back")
    wait_until(lambda: 'wanwatch_watcher_up{watcher="canh-1"} 1.0' in world.text("/metrics"), "up")

    assert watcher.said == ["MỚI", "ĐÃ KHÔI PHỤC"]
    assert silent_watchers(world, "all") == []
    assert world.mailbox.subjects() == []


def test_hung_collector_is_paged_although_it_lives(world: World, watcher: Watcher) -> None:
    """A stopped process accepts connections and answers none; woken up it misses nobody."""
    watcher.start(*watcher.expected(), "--name", "canh-1")
    wait_until(lambda: 'watcher_up{watcher="canh-1"} 1.0' in world.text("/metrics"), "up")
    world.processes["collector"].send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: watcher.said, "the watcher pages", seconds=60)
    finally:
        world.processes["collector"].send_signal(signal.SIGCONT)
    wait_until(lambda: len(watcher.said) == 2, "it says that the collector is back")
    assert watcher.said == ["MỚI", "ĐÃ KHÔI PHỤC"]
    assert silent_watchers(world, "all") == []


def test_dead_watcher_is_paged_once_by_the_collector_alone(world: World, watcher: Watcher) -> None:
    """kill -9 of the watcher: an incident with its name; started again, it recovers."""
    option = watcher.expected()
    watcher.start(*option)
    wait_until(lambda: 'watcher_up{watcher="canh-1"} 1.0' in world.text("/metrics"), "up")
    watcher.end(signal.SIGKILL)
    [alert] = wait_until(lambda: silent_watchers(world), "the collector misses it")
    assert (alert["severity"], alert["outcome"]) == ("critical", "incident")
    wait_until(lambda: world.mailbox.subjects("MỚI"), "and pages")
    watcher.start(*option)
    wait_until(lambda: silent_watchers(world, "resolved"), "it is back")
    assert watcher.said == []
    assert len(world.mailbox.subjects("MỚI")) == 1


def test_watcher_that_is_cut_off_itself_pages_nobody(world: World, watcher: Watcher) -> None:
    """Neither the collector nor its witness answers: it is this machine that is missing."""
    with contextlib.ExitStack() as sockets:
        watcher.start("--witness", nobody(sockets))
        world.end("collector", signal.SIGKILL)
        wait_until(lambda: "cut off" in watcher.log(), "it knows", seconds=60)
        watcher.end()
    assert watcher.said == []

    watcher.start("--witness", f"127.0.0.1:{free_port()}")  # a refusal is an answer
    wait_until(lambda: watcher.said == ["MỚI"], "with a witness that answers it pages")


def test_restarted_watcher_does_not_page_a_second_time(world: World, watcher: Watcher) -> None:
    """What it said is on disk: the outage goes on, the page does not come again."""
    watcher.start()
    world.end("collector", signal.SIGKILL)
    wait_until(lambda: watcher.said == ["MỚI"], "it pages")
    watcher.end(signal.SIGKILL)
    watcher.start()
    wait_until(lambda: "outage goes on" in watcher.log(), "it looks again")
    world.start("collector")
    world.wait_ready()
    wait_until(lambda: len(watcher.said) == 2, "it says that the collector is back")
    assert watcher.said == ["MỚI", "ĐÃ KHÔI PHỤC"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("channels: {}\nrecipients: []\n", "nobody would be told"),
        ("channels: {mail: {kind: fax}}\n", "page.yaml:1"),
    ],
)
def test_watch_that_could_tell_nobody_does_not_start(tmp_path: Path, page: str, words: str) -> None:
    """Said at the start, not in the night."""
    (tmp_path / "page.yaml").write_text(page, encoding="utf-8")
    command = ["watch", "--collector", "http://127.0.0.1:9", "--page", str(tmp_path / "page.yaml")]
    done = subprocess.run(
        [sys.executable, "-m", "collector", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        env=dict(os.environ),
    )
    assert done.returncode == 2
    assert words in done.stderr
