"""A fault of a host becomes a mail to a person, and the person's answer ends the paging."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from tests.acceptance.world import wait_until

if TYPE_CHECKING:
    from typing import Any

    from tests.acceptance.world import World

PAGE_WITHIN_SECONDS = 5.0


def only_incident(world: World) -> dict[str, Any] | None:
    """Return the incident when there is one; fail when there are more."""
    found = world.get("/api/v1/incidents")["items"]
    assert len(found) <= 1, found
    return dict(found[0]) if found else None


def test_full_disk_pages_and_recovery_does_not_close(world_on_each_database: World) -> None:
    """Full → mail in under 5 s; freed → recovered but open; acknowledged → quiet."""
    world = world_on_each_database
    world.repeat = "2s"
    world.write_channels()
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")

    filled_at = time.monotonic()
    world.fill()
    wait_until(lambda: world.mailbox.messages, "a page arrives")

    assert world.mailbox.arrived_at[0] - filled_at < PAGE_WITHIN_SECONDS
    page = world.mailbox.messages[0]
    incident = only_incident(world)
    assert incident is not None
    assert str(page["Subject"]).startswith("MỚI")
    assert incident["code"] in str(page["Subject"])
    assert "may-chu-1" in page.get_content()
    alerts = world.get("/api/v1/alerts")["items"]
    assert [a["rule"] for a in alerts if not a["resolved_at"]] == ["FilesystemAlmostFull"]

    wait_until(lambda: world.mailbox.subjects("NHẮC LẠI"), "an unanswered page repeats")
    answered = world.run("incident", "ack", incident["code"])
    assert answered.returncode == 0, answered.stderr
    pages_at_answer = len(world.mailbox.messages)

    world.free()
    wait_until(lambda: (only_incident(world) or {})["recovered_at"], "recovery is noticed")
    wait_until(lambda: world.mailbox.subjects("ĐÃ KHÔI PHỤC"), "the recovery is told")

    after = [str(m["Subject"]) for m in world.mailbox.messages[pages_at_answer:]]
    assert all(subject.startswith("ĐÃ KHÔI PHỤC") for subject in after), after
    recovered = only_incident(world)
    assert recovered is not None
    assert recovered["closed_at"] is None
    assert "ERROR" not in world.log("collector")


def hosts_on_time(world: World) -> bool:
    """Say whether every expected host has reported."""
    hosts = world.get("/api/v1/agents")["items"]
    return bool(hosts) and all(host["liveness"] == "on_time" for host in hosts)


def test_page_that_a_kill_may_have_doubled_is_marked_and_counted(world: World) -> None:
    """Killed between the receiver's acceptance and our commit: same Message-ID, *lặp lại*."""
    world.mailbox.on_accepted = lambda: kill_once(world)
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    world.fill()
    wait_until(lambda: "collector" not in world.processes, "the collector is killed")
    world.start("collector")
    world.wait_ready()
    wait_until(lambda: len(world.mailbox.messages) == 2, "the page comes again")

    first, second = world.mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert "lặp lại" not in str(first["Subject"])
    assert "lặp lại" in str(second["Subject"])
    wait_until(
        lambda: "wanwatch_messages_repeated_total 1.0" in world.text("/metrics"), "it is counted"
    )
    assert only_incident(world) is not None


def kill_once(world: World) -> None:
    """Kill the collector while the mail server has the message and has not said so."""
    if len(world.mailbox.messages) == 1:
        world.end("collector", signal.SIGKILL)
