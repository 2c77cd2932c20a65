"""A watcher keeps the checkpoints that its collector gives it, beside its state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from agents.checkpoints import split
from collector.watching.pager import Pager
from collector.watching.watch import Watch
from incidents.channels import load_policy
from tests.builders import CHANNELS

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def note(size: int) -> str:
    return f"wanwatch\n{size}\nAAAA\n\n\u2014 wanwatch abcd\n"


async def test_each_look_keeps_what_is_new(tmp_path: Path) -> None:
    """Twice the same note is kept once; a collector that gives none costs nothing."""
    given = iter([note(1), note(1), "", note(2)])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/-/healthy":
            return httpx.Response(200, text="ok")
        body: dict[str, Any] = {
            "desk_turns": 1,
            "evaluation_turns": 1,
            "outbox_turns": 1,
            "overdue_seconds": 0,
            "watcher": "canh-1",
            "checkpoint": next(given),
        }
        return httpx.Response(200, json=body)

    policy = load_policy(CHANNELS, file="page.yaml")
    pager = Pager(
        policy, {}, url="http://c", watcher="canh-1", new_message_id=lambda: "1", jitter=lambda: 0.0
    )
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        watch = Watch(
            client,
            pager,
            policy,
            url="http://c",
            token="t",
            witness="",
            state=tmp_path / "state.json",
            every_seconds=30,
            now=lambda: NOW,
        )
        for _ in range(4):
            await watch.turn()
    kept = (tmp_path / "checkpoints.txt").read_text(encoding="utf-8")
    assert split(kept) == [note(1), note(2)]
