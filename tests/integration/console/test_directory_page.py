"""The directory of hosts as a person sees it: approve many, attach again, shut out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from collector.directory import ExpectedHost
from collector.storage import schema
from collector.storage.directory import replace_hosts
from tests.province import add_agent
from tests.web_fakes import make_host

if TYPE_CHECKING:
    import httpx
    import pytest

    from tests.province import Province

UNIT = "000.11.30"
_places = itertools.count(50)


def waiting(province: Province, **values: Any) -> str:
    """Write a key that waits for approval, and return it."""
    host = make_host(30, next(_places), UNIT, province.clock())

    def write(connection: Any) -> None:
        add_agent(connection, host, province.clock())
        given = {"approved_at": None, "doubt": "not_listed", **values}
        connection.execute(
            update(schema.agents).where(schema.agents.c.id == host.agent).values(given)
        )

    province.db.write_now(write)
    province.fleet.hosts[host.agent] = replace(host, is_approved=False)
    return host.agent


def row(province: Province, agent: str) -> Any:
    statement = select(schema.agents).where(schema.agents.c.id == agent)
    return province.db.read_now(lambda c: c.execute(statement).one())


async def test_person_approves_many_at_once(province: Province, person: httpx.AsyncClient) -> None:
    """What is certain is chosen already; a name in doubt must be chosen by hand."""
    sure = [waiting(province) for _ in range(3)]
    doubtful = waiting(province, doubt="name_taken")
    page = (await person.get("/directory")).text
    for agent in sure:
        assert f'value="{agent}" checked' in page
    assert f'value="{doubtful}">' in page

    done = await person.post("/directory/approve", data={"agents": sure, "key": "k"})
    assert done.headers["location"] == "/directory?done=3"
    assert row(province, sure[0]).approved_by == "person:Nguyễn Văn An"
    assert row(province, doubtful).approved_at is None
    again = await person.post("/directory/approve", data={"agents": sure, "key": "k"})
    assert again.headers["location"] == "/directory?done=3"
    nothing = await person.post("/directory/approve", data={"key": "other"})
    assert nothing.headers["location"] == "/directory?done=0"


async def test_waiting_host_says_so_on_its_page_and_counts_nowhere(
    province: Province, person: httpx.AsyncClient
) -> None:
    """Its data is to be seen; its unit is neither better nor worse for it."""
    before = (await person.get("/")).text
    agent = waiting(province)
    page = (await person.get(f"/hosts/{agent}")).text
    assert "Máy này chờ duyệt" in page
    assert 'action="/directory/approve"' in page
    after = (await person.get("/")).text
    assert before.count("part-on_time") == after.count("part-on_time")


async def test_quarantined_host_is_attached_again_by_one_click(
    province: Province, person: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says why there is no data, and has the button."""
    agent = "agent-may-chu-05-00"
    province.fleet.hosts[agent].quarantined_at = province.clock()
    told: list[str] = []

    def reattach(name: str) -> bool:
        told.append(name)
        return True

    monkeypatch.setattr(province.services.identity, "reattach", reattach)
    page = (await person.get(f"/hosts/{agent}")).text
    assert "được dùng từ hai máy" in page
    assert 'class="no-data-now"' in page
    done = await person.post(f"/hosts/{agent}/reattach", data={"key": "k"})
    assert (done.status_code, told) == (303, [agent])
    log = province.db.read_now(lambda c: list(c.execute(select(schema.identity_log))))
    assert [(entry.what, entry.actor) for entry in log] == [("reattached", "person:Nguyễn Văn An")]


async def test_key_is_revoked_with_a_reason(province: Province, person: httpx.AsyncClient) -> None:
    """Without a reason nothing happens; afterwards the page says that it is shut out."""
    agent = "agent-may-chu-05-00"
    assert (await person.post(f"/hosts/{agent}/revoke", data={})).status_code == 422
    assert row(province, agent).revoked_at is None
    await person.post(f"/hosts/{agent}/revoke", data={"reason": "Máy bị mất"})
    assert row(province, agent).revoked_at is not None


async def test_missing_and_unknown_are_listed(
    province: Province, person: httpx.AsyncClient
) -> None:
    """What hosts.csv expects, and what sends reports without being enrolled."""
    hosts = [ExpectedHost(UNIT, "may-chua-cai", "server")]
    province.db.write_now(lambda c: replace_hosts(c, hosts, province.clock()))
    identity: Any = province.services.identity
    identity.note_unknown("a-0123456789abcdef", "10.1.2.3")
    await identity.save_knocks()
    page = (await person.get("/directory")).text
    for words in ("may-chua-cai", "a-0123456789abcdef", "10.1.2.3"):
        assert words in page


async def test_stranger_and_foreign_page_decide_nothing(
    province: Province, stranger: httpx.AsyncClient, person: httpx.AsyncClient
) -> None:
    """The forms are behind log-in, and no other site's."""
    agent = waiting(province)
    form = {"agents": [agent]}
    assert (await stranger.post("/directory/approve", data=form)).status_code == 401
    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = await person.post("/directory/approve", data=form, headers=foreign)
    assert answer.status_code == 403
    assert row(province, agent).approved_at is None
