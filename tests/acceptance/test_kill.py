"""`kill -9` of either process at random: nothing acknowledged is lost, nobody is told twice."""

from __future__ import annotations

import os
import random  # noqa: TID251 - seeded
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.tally import held, tally
from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import wait_until

if TYPE_CHECKING:
    from typing import Any

    from tests.acceptance.world import World

KILLS = int(os.environ.get("WANWATCH_TEST_KILLS", "100"))
ROUNDS = 5
SEED = 20261123


class Killer:
    """Kills one of the two processes at random moments and starts it again at once."""

    def __init__(self, world: World, kills: int, seed: int) -> None:
        self.world, self.left, self.random = world, kills, random.Random(seed)
        self.done: Counter[str] = Counter()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while self.left:
            victim = self.random.choice(["collector", "agent"])
            pause.wait(self.random.uniform(0.05, 2.5))
            self.world.end(victim, signal.SIGKILL)
            self.done[victim] += 1
            self.world.start(victim)
            self.left -= 1


def one_round(world: World, number: int) -> None:
    """A whole life of one incident while the processes are being killed."""
    kills = KILLS // ROUNDS
    killer = Killer(world, kills, SEED + number)
    world.fill()
    code = wait_until(lambda: open_incident(world), "an incident", 120)["code"]
    wait_until(lambda: paged(world, code), "its page", 120)
    wait_until(lambda: tried(world, f"/api/v1/incidents/{code}/ack"), "acknowledgement", 120)
    killer.thread.join()
    world.wait_ready()
    world.free()
    wait_until(lambda: (open_incident(world) or {}).get("recovered_at"), "recovery", 60)
    wait_until(lambda: settled(world, code), "the outbox is empty", 60)
    end(world, code)
    assert sum(killer.done.values()) == kills


def open_incident(world: World) -> dict[str, Any] | None:
    """Return the one open incident; two are a failure; None also while the collector is down."""
    try:
        found = world.get("/api/v1/incidents?state=open")["items"]
    except Exception:  # noqa: BLE001 - it may just have been killed
        return None
    assert len(found) <= 1, [i["code"] for i in found]
    return dict(found[0]) if found else None


def paged(world: World, code: str) -> bool:
    """Say whether a page about this incident has arrived."""
    return any(code in subject for subject in world.mailbox.subjects())


def tried(world: World, path: str) -> bool:
    """POST and say whether it succeeded; a killed collector is no success."""
    try:
        world.post(path)
    except Exception:  # noqa: BLE001 - it may just have been killed
        return False
    return True


def settled(world: World, code: str) -> bool:
    """Say whether every message of an incident has left or is not wanted any more."""
    rows = world.get(f"/api/v1/incidents/{code}")["deliveries"]
    return all(row["status"] in {"sent", "cancelled"} for row in rows)


def end(world: World, code: str) -> None:
    """Close the incident as not an incident, so that the next round opens a new one."""
    reason = {"stage": "khong_phai_su_co", "reason": "kiểm thử"}
    world.post(f"/api/v1/incidents/{code}/move", reason)


@pytest.mark.timeout(1500)
def test_kill_at_random_points_loses_and_repeats_nothing(world: World) -> None:
    """A hundred kills: reports, incidents and pages are each there exactly once."""
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    for number in range(ROUNDS):
        one_round(world, number)

    incidents = world.get("/api/v1/incidents")["items"]
    assert len(incidents) == ROUNDS
    check_pages(world)
    check_reports(world)


def check_pages(world: World) -> None:
    """One page and one notice per incident; a repeat has the same Message-ID and is marked."""
    seen: set[str] = set()
    repeats = 0
    for message in world.mailbox.messages:
        identity, subject = str(message["Message-ID"]), str(message["Subject"])
        if identity in seen:
            repeats += 1
            assert "lặp lại" in subject, subject
        seen.add(identity)
    first_words = Counter(
        next(word for word in ("MỚI", "ĐÃ KHÔI PHỤC", "") if word in str(m["Subject"]))
        for m in world.mailbox.messages
        if "lặp lại" not in str(m["Subject"])
    )
    print(f"messages {len(world.mailbox.messages)}, marked repeats {repeats}, {first_words}")
    strange = [s for s in world.mailbox.subjects() if not s.startswith(("MỚI", "ĐÃ KHÔI PHỤC"))]
    assert [subject for subject in strange if "lặp lại" not in subject] == []
    assert len(seen) <= 2 * ROUNDS


def check_reports(world: World) -> None:
    """Every sequence that the agent holds as acknowledged is in the collector's journal."""
    wait_until(lambda: held(world.agent_data) <= 1, "the spool is empty", 60)
    world.end_all()
    acknowledged = world.acknowledged_sequences()
    journalled = world.journalled_sequences()
    print(f"reports acknowledged {len(acknowledged)}, in the journal {len(journalled)}")
    assert acknowledged <= journalled
    assert len(acknowledged) > KILLS
    agent = world.identity("agent")["agent"]
    tally(world, {agent: world.agent_data}).check(f"kill -9, {KILLS} times")
