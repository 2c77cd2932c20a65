"""The page for the person at the machine: what each light says, and that none is green for long."""

from __future__ import annotations

import re
import stat
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from agents.delivery import Answer
from agents.local_page import (
    ATTENTION,
    BAD,
    CHECKS,
    GOOD,
    UNKNOWN,
    Device,
    Facts,
    Line,
    Matter,
    lights,
)
from agents.local_page_file import REWRITE_SECONDS, LocalPage
from agents.local_page_html import STALE_SECONDS, render
from agents.notes import Notes
from agents.report import Sample
from agents.scanner import scan
from collector.console.texts import table

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_000_000.0  # 18:06:40 on 18/11/2026 in Viet Nam
GOOD_LINE = Line(202, NOW, 1, was_tried=True)
CUT = Line(None, NOW - 600, 60, was_tried=True)
KNOWN = (Matter(NOW - 3600, "Ổ đĩa C: chỉ còn 4 % trống"),)
FACTS = Facts("pc-01", "a-1", GOOD_LINE, known=())


def states(facts: Facts) -> tuple[str, ...]:
    return tuple(light.state for light in lights(facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (FACTS, (GOOD, UNKNOWN, GOOD)),
        (Facts("pc-01", "a-1"), (UNKNOWN, UNKNOWN, UNKNOWN)),
        (FACTS._replace(known=KNOWN), (BAD, UNKNOWN, GOOD)),
        (FACTS._replace(known=None), (UNKNOWN, UNKNOWN, GOOD)),
        (FACTS._replace(failing=("disk",)), (ATTENTION, UNKNOWN, GOOD)),
        (FACTS._replace(failing=("disk",), known=KNOWN), (BAD, UNKNOWN, GOOD)),
        (FACTS._replace(line=CUT), (UNKNOWN, UNKNOWN, BAD)),
        (FACTS._replace(line=CUT, known=KNOWN), (BAD, UNKNOWN, BAD)),
        (FACTS._replace(line=CUT._replace(status=401)), (UNKNOWN, UNKNOWN, ATTENTION)),
        (FACTS._replace(line=CUT._replace(status=502)), (UNKNOWN, UNKNOWN, ATTENTION)),
        (FACTS._replace(devices=(Device("Codec", True),)), (GOOD, GOOD, GOOD)),
        (FACTS._replace(devices=(Device("A", True), Device("B", False))), (GOOD, BAD, GOOD)),
        (FACTS._replace(is_running=False), (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_lights_are_green_only_for_what_is_known_now(
    facts: Facts, expected: tuple[str, ...]
) -> None:
    """What nobody measured, told or could tell is grey; a cut line makes the rest unknown."""
    assert states(facts) == expected


def test_page_names_checks_as_the_console_does() -> None:
    """One word for one thing; a check without a name would be shown in English."""
    words = table("vi")

    assert {name: words[f"check.{name}"] for name in scan().checks} == CHECKS


class Outline(HTMLParser):
    """The tags that are open, what leads elsewhere, and the text that is seen."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.leads: list[str] = []
        self.seen: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.leads += [value or "" for name, value in attrs if name in ("src", "href", "action")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.seen).split())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.seen.append(data)


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        Facts("", ""),
        FACTS._replace(known=KNOWN, line=CUT, failing=("disk", "unheard-of")),
        FACTS._replace(is_running=False),
    ],
)
def test_page_is_one_whole_file(facts: Facts) -> None:
    """Every tag is closed, nothing comes from elsewhere, the browser looks again by itself."""
    text = render(facts, {}, NOW)
    page = Outline(text)

    assert page.open == []
    assert page.leads == []
    assert '<meta http-equiv="refresh" content="30">' in text
    assert '<meta charset="utf-8">' in text


def test_page_tells_its_own_time_and_what_an_old_one_means() -> None:
    """To a reader without scripts as well; the script turns the lights grey after two minutes."""
    text = render(FACTS, {"Máy này": NOW - 60, "Đường truyền lên tỉnh": NOW - 86_400}, NOW)
    seen = Outline(text).text

    assert "18:06:40 ngày 18/11/2026" in seen
    assert "quá 2 phút: tác tử giám sát trên máy này không còn chạy" in seen
    assert "từ 18:05 ngày 18/11/2026" in seen
    assert "từ 18:06 ngày 17/11/2026" in seen
    assert re.search(rf"var at={NOW:.0f},most={STALE_SECONDS};", text)


def test_page_says_what_the_province_knew_when_the_line_is_cut() -> None:
    """And until when it knew it."""
    seen = Outline(render(FACTS._replace(line=CUT, known=KNOWN), {}, NOW)).text

    assert "Biết đến lúc 17:56 ngày 18/11/2026, khi đường truyền còn thông:" in seen
    assert "Ổ đĩa C: chỉ còn 4 % trống (từ 17:06 ngày 18/11/2026)" in seen
    assert "Máy đang giữ 60 báo cáo và sẽ gửi sau." in seen


def test_page_shows_foreign_text_as_text() -> None:
    """A name or a message from elsewhere never becomes part of the page."""
    evil = "</title><script>alert(1)</script>&"
    facts = FACTS._replace(
        host=evil, agent=evil, known=(Matter(NOW, evil),), contacts=(evil,), failing=(evil,),
        devices=(Device(evil, False),),
    )  # fmt: skip

    text = render(facts, {}, NOW)

    assert text.count("<script>") == 1
    assert Outline(text).open == []


class Bench:
    """A page in a directory, with time under control."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        self.at, self.up = NOW, 100.0
        self.path = directory / "page.html"
        self.notes = Notes(directory)
        given = {"path": self.path, "host": "pc-01", "agent": "a-1", "contact": ""} | changes
        self.page = LocalPage(
            given.pop("path"), **given, notes=self.notes,
            now=lambda: self.at, monotonic=lambda: self.up,
        )  # fmt: skip

    def forward(self, seconds: float) -> None:
        self.at += seconds
        self.up += seconds

    def hear(self, status: int | None, **body: Any) -> None:
        self.page.heard(Answer(status, body if status == 202 else None), waiting=1)

    @property
    def seen(self) -> str:
        return Outline(self.path.read_text()).text


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_page_is_written_when_it_changes_and_before_it_grows_old(bench: Bench) -> None:
    """A turn that changes nothing costs nothing; what an answer says is there at the next look."""
    assert bench.page.tend() == REWRITE_SECONDS
    first = bench.path.stat().st_mtime_ns
    for _ in range(5):
        bench.forward(10)
        bench.page.turn([Sample("wanwatch_check_success", {"check": "cpu"}, 1, NOW)])
        bench.page.tend()
    assert bench.path.stat().st_mtime_ns == first

    bench.hear(202, known=[])
    assert bench.page.tend() == REWRITE_SECONDS
    assert "Thông từ 18:07" in bench.seen
    bench.forward(REWRITE_SECONDS)
    before = bench.path.read_text()
    bench.page.tend()
    assert bench.path.read_text() != before
    assert REWRITE_SECONDS * 2 <= STALE_SECONDS


def test_page_may_be_read_by_all_and_is_replaced_in_one_step(bench: Bench) -> None:
    """The person at the machine is not the agent; the browser sees no half page."""
    bench.page.tend()

    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o644
    assert [path.name for path in bench.path.parent.iterdir()] == ["page.html"]


def test_page_says_since_when_each_light_is_what_it_is(bench: Bench) -> None:
    """Not since the last look, and not since another light changed."""
    bench.hear(202, known=[])
    bench.page.tend()
    bench.forward(3600)
    bench.hear(None)
    bench.page.turn([Sample("wanwatch_check_success", {"check": "disk"}, 0, NOW)])
    bench.page.tend()
    bench.forward(3600)
    bench.page.tend()

    assert "Mất từ 19:06 ngày 18/11/2026" in bench.seen
    assert "Không đọc được: Ổ đĩa." in bench.seen
    assert "20:06:40 ngày 18/11/2026" in bench.seen


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([{"since": NOW, "text_vi": "A"}], ["A (từ 18:06 ngày 18/11/2026)"]),
        ([{"since": NOW, "text_vi": f"Việc {n}"} for n in range(9)], ["Việc 0", "Việc 4"]),
        ([{"since": NOW, "text_vi": "x" * 999}], ["x" * 200]),
        ([{"since": "?", "text_vi": "A"}, 7, None], ["Không có việc"]),
        ([{"since": 1e300, "text_vi": "A"}], ["Không có việc"]),
        ([{"since": True, "text_vi": 7}], ["Không có việc"]),
        ("nonsense", ["Chưa nhận được thông tin"]),
        (None, ["Chưa nhận được thông tin"]),
    ],
)  # fmt: skip
def test_page_takes_what_the_province_knows_as_agreed(
    bench: Bench, known: object, expected: list[str]
) -> None:
    """Five at most, short, each with a time; what is not so is left out."""
    bench.hear(202, known=known)
    bench.page.tend()

    for text in expected:
        assert text in bench.seen
    assert "Việc 5" not in bench.seen
    assert "x" * 201 not in bench.seen


def test_page_tells_whom_to_call_also_after_a_restart_with_the_line_cut(tmp_path: Path) -> None:
    """The province's word first, then the settings'; without either, the unit's own officer."""
    alone = Bench(tmp_path)
    alone.page.tend()
    assert "Cán bộ công nghệ thông tin của đơn vị." in alone.seen
    alone.hear(202, contact=" Trực ca: 0123 \u202e456 ")

    again = Bench(tmp_path, contact="Máy lẻ 105")
    again.hear(None)
    again.page.tend()

    assert "Trực ca: 0123 \ufffd456 Máy lẻ 105" in again.seen


def test_page_of_a_stopped_agent_has_no_light(bench: Bench) -> None:
    """And says when it was stopped."""
    bench.hear(202, known=[])
    bench.page.tend()
    bench.forward(60)
    bench.page.stopped()

    assert "Tác tử giám sát đã được dừng lúc 18:07" in bench.seen
    assert 'class="light good"' not in bench.path.read_text()


def test_page_that_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The agent reports all the same."""
    bench = Bench(tmp_path, path=tmp_path / "gone" / "page.html")
    for _ in range(3):
        bench.page.tend()
        bench.forward(REWRITE_SECONDS)

    assert caplog.text.count("the local page cannot be written") == 1
