"""SIGHUP at the worst moments: pages go on, once each, whatever is wrong with the new policy."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.world import Mailbox, World, wait_until

if TYPE_CHECKING:
    from pathlib import Path


class SlowMailbox(Mailbox):
    """Accepts a mail only when the test says so."""

    def __init__(self) -> None:
        self.reached, self.may_go_on = threading.Event(), threading.Event()
        super().__init__()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Hold the text back, then keep it."""
        self.reached.set()
        await asyncio.to_thread(self.may_go_on.wait, 60)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def mailbox() -> Any:
    """A mail server that takes its time."""
    box = SlowMailbox()
    yield box
    box.may_go_on.set()
    box.stop()


def reload(world: World, times: int = 1) -> None:
    """Send SIGHUP."""
    for _ in range(times):
        world.processes["collector"].send_signal(signal.SIGHUP)


def test_page_goes_out_once_through_reloads_and_a_stop(world: World, mailbox: SlowMailbox) -> None:
    """Being sent while the policy is reloaded three times and the collector stopped: one mail."""
    world.start_all()
    world.fill()
    assert mailbox.reached.wait(30)
    reload(world, times=3)
    wait_until(lambda: world.log("collector").count("was reloaded") >= 1, "a reload")
    threading.Timer(0.5, mailbox.may_go_on.set).start()
    world.end("collector")
    world.start("collector")
    world.wait_ready()
    world.free()
    wait_until(lambda: len(mailbox.messages) >= 2, "the recovery is told")

    assert [m["X-Wanwatch-Reason"] for m in mailbox.messages] == ["first", "recovered"]
    assert all(m["X-Wanwatch-Repeated"] is None for m in mailbox.messages)


def test_reload_without_a_secret_keeps_paging(world: World, mailbox: SlowMailbox) -> None:
    """A password file that is not there: named, nothing changed, and the pages still leave."""
    mailbox.may_go_on.set()
    world.start_all()
    channels: Path = world.directory / "policy" / "channels.yaml"
    good = channels.read_text(encoding="utf-8")
    channels.write_text(
        good.replace("from:", "user: u, password_file: /no/such/file, from:"), encoding="utf-8"
    )
    reload(world, times=2)
    wait_until(lambda: "/no/such/file" in world.log("collector"), "the missing file is named")
    world.fill()
    wait_until(lambda: mailbox.messages, "the page")
    assert len(mailbox.messages) == 1
