"""A rule tried from the console, as a browser without any script sends it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from collector.backtest_desk import BacktestDesk
from collector.console.texts import Texts
from collector.jobs.jobs import Jobs
from collector.web import build
from tests.past import RULES
from tests.province import TOKEN, open_province

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.past import Recorded

SLOWER = RULES.replace("for: 2m", "for: 9m")


@pytest.fixture
def jobs(past: Recorded) -> Jobs:
    """Work on the recorded past."""
    numbers = iter("123456")
    return Jobs(
        now=lambda: past.until,
        new_id=lambda: next(numbers),
        environment={"WANWATCH_DATA": str(past.data)},
    )


@pytest.fixture
async def person(past: Recorded, jobs: Jobs, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody in front of a console whose journal holds the recorded past."""
    province = open_province(tmp_path)
    desk = BacktestDesk(
        jobs, hours=24, rules=past.data / "policy" / "rules", now=lambda: past.until
    )
    transport = httpx.ASGITransport(app=build(replace(province.services, backtests=desk)))
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Wanwatch-Actor": "an"}
    base = "http://wan.example:8440"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        yield client
    await jobs.stop()
    province.db.close()


async def test_a_rule_is_tried_and_its_answer_shown(person: httpx.AsyncClient, jobs: Jobs) -> None:
    """The rule in force to begin with, how far it is, then what would be missed; English, too."""
    form = (await person.get("/backtest?rule=MemoryHigh")).text
    assert "for: 2m" in form
    assert "Nhật ký giữ nhiều nhất 24 giờ." in form
    answer = await person.post("/backtest", data={"rules": SLOWER, "hours": "1"})
    assert answer.status_code == 303
    page = answer.headers["location"]
    running = (await person.get(page)).text
    assert "<progress" in running
    assert 'hx-trigger="every 1s"' in running
    job = jobs.find("1")
    assert job is not None
    await jobs.wait(job)
    assert job.state == "done", job.error
    done = (await person.get(page)).text
    assert 'hx-trigger="every 1s"' not in done
    assert "Quy tắc này không phát hiện 2 sự cố mà quy tắc đang dùng phát hiện:" in done
    assert "muộn hơn 7 phút" in done
    assert "for: 9m" in done
    english = (await person.get(f"{page}&lang=en")).text
    assert "Incidents that the rules in force find and these do not: 2" in english
    assert "Difference to the rules in force" in english


async def test_mistakes_are_shown_with_their_lines_and_what_was_typed(
    person: httpx.AsyncClient,
) -> None:
    """Nothing is started; the API says the same with 422."""
    wrong = SLOWER.replace("memory-high", "no-such")
    answer = await person.post("/backtest", data={"rules": wrong, "hours": "1"})
    assert answer.status_code == 422
    assert "dòng 10" in answer.text
    assert "<code>rules[0].runbook</code>" in answer.text
    assert "không có hướng dẫn &#39;no-such&#39;" in answer.text
    assert "<option selected>MemoryHigh</option>" in answer.text
    said = await person.post("/api/v1/backtests", json={"rules": wrong})
    assert said.status_code == 422
    assert "rules:10: rules[0].runbook: there is no runbook" in said.text


async def test_what_runs_is_stopped_by_a_button(person: httpx.AsyncClient) -> None:
    """And by the API; one that nobody knows is 404."""
    begun = await person.post("/api/v1/backtests", json={"rules": SLOWER, "hours": 1})
    assert begun.status_code == 202
    number = begun.json()["id"]
    assert (await person.post(f"/backtest/{number}/cancel")).status_code == 303
    assert "Đã dừng; không có kết quả." in (await person.get(f"/backtest?job={number}")).text
    again = await person.post(f"/api/v1/backtests/{number}/cancel")
    assert again.json() == {"cancelled": False}
    assert (await person.post("/api/v1/backtests/x/cancel")).status_code == 404


async def test_why_it_cannot_be_answered_has_words_of_the_console(jobs: Jobs) -> None:
    """A span of which nothing is held: the page says what to do in its own language."""
    span = ["--since", "2026-11-01T00:00:00+0000", "--until", "2026-11-01T01:00:00+0000"]
    job = jobs.start("backtest", ["backtest", f"--rules={SLOWER}", *span], "an", lane="backtest")
    await jobs.wait(job)
    assert (job.state, job.code) == ("failed", "nothing_held")
    assert "no report of 01/11/2026 07:00" in job.error
    assert Texts("vi")(f"backtest.error.{job.code}").startswith("không còn giữ báo cáo nào")
