"""What devices said by themselves, on the pages of targets and hosts and in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.province import TARGET

if TYPE_CHECKING:
    import httpx


async def test_a_target_and_who_heard_it_show_what_it_said(person: httpx.AsyncClient) -> None:
    """In both languages; of a device that is no target its address."""
    target = (await person.get(f"/targets/{TARGET}")).text
    host = (await person.get("/hosts/agent-may-chu-05-00?lang=en")).text
    for words in ("Thiết bị tự báo", "Mất gói cuộc gọi", "bắt đầu", "đã hết", "Mất gói quá nhiều"):
        assert words in target
    assert "fan 2 stopped" not in target
    for words in ("Devices said", "Loss of a call", "10.42.0.9", "fan 2 stopped"):
        assert words in host


async def test_the_list_is_of_a_target_or_an_agent(cli: httpx.AsyncClient) -> None:
    """The newest first."""
    everything = (await cli.get("/api/v1/device-events")).json()
    of_it = (await cli.get("/api/v1/device-events", params={"target": TARGET})).json()
    assert [row["kind"] for row in everything] == ["syslog", "trap.call_loss", "trap.call_loss"]
    assert [row["labels"]["phase"] for row in of_it] == ["resolution", "problem"]
    assert (await cli.get("/api/v1/device-events", params={"agent": "nobody"})).json() == []
