"""The report of a period from a seeded month: its figures are those of its CSV, counted anew."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import docx
import pypdf
import pytest
from sqlalchemy import insert

from collector.api.periods import document_of, facts_of
from collector.coverage import Covered
from collector.storage import duties as duty_store
from collector.storage import schema
from collector.storage import unit_days as day_store
from collector.storage.coverage import save_coverage
from incidents.duties import Done
from incidents.reports.document import Annex, Table
from incidents.reports.document_json import loaded
from incidents.reports.render import to_docx, to_pages, to_pdf
from incidents.unit_day import Confirmation
from tests.province import UNITS, open_province, procedure, seed_sessions

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

FIRST = date(2026, 10, 1)
CLASSES = ("kt_duong_truyen", "kt_nguon_dien", "ma_doc", "lua_dao", "hn_tieng")
CAUSES = ("third-party-failures", "system-failures", "human-errors")


def seed_month(province: Province) -> None:
    """Fill October: incidents with terms, coverage, days of units, duties; September has five."""

    def write(c: Any) -> None:
        for n in range(67):
            day = date(2026, 9, 20) if n >= 62 else FIRST + timedelta(days=n % 31)
            at = datetime(day.year, day.month, day.day, 3, n % 60, tzinfo=UTC)
            _incident(c, n, at)
        units = [code for code, *_ in UNITS]
        days = [FIRST + timedelta(days=n) for n in range(31)]
        covered = [
            Covered(unit, day, 48 * (place + 1), 48 * (place + 1) - (place * day.day) % 7)
            for place, unit in enumerate(units)
            for day in days
        ]
        save_coverage(c, covered, today=date(2026, 11, 23))
        for place, unit in enumerate(units[1:]):
            for day in days:
                if day.weekday() < 5 and (place + day.day) % 9:
                    said = datetime(day.year, day.month, day.day, 9 + place % 3, 30, tzinfo=UTC)
                    clean = bool((place + day.day) % 5)
                    text = "" if clean else "Mất điện"
                    day_store.add(
                        c, Confirmation(unit, day, said, "person:An", "page", clean, text)
                    )
        duty_store.note_first_day(c, date(2026, 9, 1))
        done = datetime(2026, 10, 2, tzinfo=UTC)
        duty_store.add_done(c, "bc_thang", "2026-09", Done(done, done, "person:An", "05-BC"))

    province.db.write_now(write)
    seed_sessions(province)


def _incident(c: Any, n: int, at: datetime) -> None:
    severity, code = f"S{1 + n % 4}", f"SC26-9{n:03d}"
    values = {
        "code": code, "ruleset": "vn-2026", "ruleset_digest": procedure().digest,
        "title": f"Sự cố {n}", "title_en": "x",
        "unit": UNITS[1 + n % 9][0], "host": "", "class_code": CLASSES[n % 5],
        "nature": "ky_thuat", "impact": "I2", "scope": "P1", "severity": severity,
        "stage": "canh_bao", "detected_at": at,
        "acknowledged_at": at + timedelta(minutes=3 + n) if n % 7 else None,
        "recovered_at": at + timedelta(minutes=60 + n) if n % 3 else None,
        "closed_at": at + timedelta(hours=5) if n % 4 else None,
        "last_seq": 1, "last_hash": "x", "search_key": "x",
    }  # fmt: skip
    made = c.execute(insert(schema.incidents).values(values)).inserted_primary_key[0]
    for place, deadline in enumerate(("ack", "restore")):
        due = at + timedelta(minutes=30 * (place + 1))
        met = at + timedelta(minutes=3 + n) if n % 7 else None
        c.execute(insert(schema.deadlines).values(
            incident=made, code=deadline, run="1", name_vi="x", name_en="x", severity=severity,
            who="truc_ca", mark="proposed", confirmed=False, legal=False, basis="", clock="min",
            on_list="", start_at=at, due_at=due, met_at=met,
        ))  # fmt: skip
    if n % 2:
        cause = CAUSES[n % 3]
        text = f'{{"data":{{"root_cause":"{cause}"}}}}'
        c.execute(insert(schema.entries).values(
            incident=made, seq=1, canonical=text, hash="x", at=at, kind="closed", actor="person:An",
        ))  # fmt: skip


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    made = open_province(tmp_path, db=db)
    seed_month(made)
    return made


async def tables_of(cli: httpx.AsyncClient, path: str) -> dict[str, list[dict[str, str]]]:
    """Return the CSV files of an export, read as a spreadsheet reads them."""
    answer = await cli.get(path)
    assert answer.status_code == 200, answer.text
    found = {}
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8-sig")
            found[name.removesuffix(".csv")] = list(csv.DictReader(io.StringIO(text, newline="")))
    return found


def at(text: str) -> datetime:
    """Read an instant of a table."""
    return datetime.fromisoformat(text)


def written(good: int, whole: int) -> str:
    """Write a share as the report does: with a comma, never rounded up to all."""
    if good == whole:
        return "100 %"
    return f"{min(good / whole * 100, 99.99):.2f} %".replace(".", ",")


def words_of(document: Any) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the paragraphs and the rows of the docx."""
    read = docx.Document(io.BytesIO(to_docx(document)))
    rows = [tuple(c.text for c in row.cells) for table in read.tables for row in table.rows]
    return [one.text for one in read.paragraphs], rows


def printed_text(document: Any) -> str:
    """Return the text of the PDF without any white space: lines break elsewhere there."""
    pages = pypdf.PdfReader(io.BytesIO(to_pdf(document))).pages
    return "".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize(
    ("period", "incidents"),
    [("2026-10", 62), ("2026-H2", 71), ("2026", 71)],
)
async def test_figures_counted_from_the_csv_are_those_of_the_document(
    cli: httpx.AsyncClient, province: Province, period: str, incidents: int
) -> None:
    """Incidents, terms, times, coverage, days, sessions, causes, duties: each counted again."""
    made = await cli.post("/api/v1/documents", json={"kind": "monthly", "subject": period})
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    tables = await tables_of(cli, f"/api/v1/documents/{number}/data.zip")
    detail = (await cli.get(f"/api/v1/documents/{number}")).json()
    document = replace(loaded(json.dumps(detail["document"])), is_draft=False)
    words, rows = words_of(document)
    text = "\n".join(words)
    printed = printed_text(document)
    for line in [*words, *(cell for row in rows for cell in row)]:
        if "\n" not in line:  # head and foot stand in one cell each there
            assert "".join(line.split()) in printed, line

    found = tables["incidents"]
    assert len(found) == incidents
    closed = sum(bool(row["closed_at"]) for row in found)
    before = {row["which"]: row["incidents"] for row in tables["before"]}
    compared = f"kỳ trước {before['before']}" if "before" in before else "chưa có kỳ để so sánh"
    assert f"Có {len(found)} sự cố ({compared}), đã kết thúc {closed};" in text
    counts = Counter((row["class_name"], row["severity"]) for row in found)
    for name in {row["class_name"] for row in found}:
        line = [str(counts[name, f"S{n}"] or "–") for n in (1, 2, 3, 4)]
        whole = sum(count for (one, _), count in counts.items() if one == name)
        assert (name, *line, str(whole)) in rows

    over = [r for r in tables["terms"] if r["done_at"] or at(r["due_at"]) <= province.clock()]
    for name in {row["name"] for row in over}:
        of = [row for row in over if row["name"] == name]
        good = sum(bool(r["done_at"]) and at(r["done_at"]) <= at(r["due_at"]) for r in of)
        assert (name, f"{good}/{len(of)}", written(good, len(of))) in rows
    for column, label in (("acknowledged_at", "tiếp nhận"), ("restored_at", "khôi phục")):
        for severity, named in (("S1", "đặc biệt nghiêm trọng"), ("S4", "thấp")):
            spent = [
                (at(row[column]) - at(row["detected_at"])).total_seconds() / 60
                for row in found
                if row["severity"] == severity and row[column]
            ]
            exact = Decimal(str(sum(spent) / len(spent))).quantize(Decimal("0.1"), ROUND_HALF_UP)
            mean = f"{exact:,}".translate(str.maketrans(",.", ".,"))
            [line] = [w for w in words if w.startswith(f"Thời gian trung bình {label}")]
            assert f"{named} {mean} phút ({len(spent)} sự cố)" in line

    heard, expected = (
        sum(int(row[name]) for row in tables["coverage"]) for name in ("heard", "expected")
    )
    assert f"Phủ giám sát chung: {written(heard, expected)}" in text
    asked = [row for row in tables["unit_days"] if row["is_asked"] == "1"]
    confirmed = sum(row["is_confirmed"] == "1" for row in asked)
    assert (
        f"Đã xác nhận {confirmed}/{len(asked)} lượt, đạt {written(confirmed, len(asked))}" in text
    )
    happened = sum(row["happened"] == "1" for row in tables["unit_days"])
    assert f"{happened} lượt báo có sự việc" in text
    held = [r for r in tables["sessions"] if r["kind"] != "rehearsal" and r["is_held"] == "1"]
    lost = sum(int(row["lost_seconds"]) for row in held) / 60
    assert f"{len(held)} phiên hội nghị, mất {lost:.1f} phút".replace(".", ",") in text
    causes = Counter(row["root_cause"] for row in found if row["root_cause"])
    assert sorted(str(count) for count in causes.values()) == sorted(
        row[1] for row in rows if len(row) == 3 and row[0] in {
            "Lỗi bên thứ ba", "Hỏng hệ thống", "Lỗi con người",
        }
    )  # fmt: skip
    duties = [r for r in tables["duties"] if r["done_at"] or at(r["due_at"]) <= province.clock()]
    good = sum(bool(r["done_at"]) and at(r["done_at"]) <= at(r["due_at"]) for r in duties)
    assert f"Việc định kỳ: đúng hạn {good}/{len(duties)}" in text
    assert good >= 1


async def test_every_period_is_shown_and_one_that_has_not_begun_does_not_exist(
    cli: httpx.AsyncClient, person: httpx.AsyncClient
) -> None:
    """A month; a half-year and a year with the rows of Mẫu 05."""
    for code, words in (("2026-10", "tháng 10 năm 2026"), ("2026-H2", "6 tháng cuối năm 2026"),
                        ("2026", "năm 2026")):  # fmt: skip
        figures = (await cli.get(f"/api/v1/periods/{code}")).json()
        assert figures["incidents"] >= 62
        shown = (await person.get("/periods", params={"period": code})).text
        assert f"Tổng hợp tình hình {words}" in shown
        assert ("Mẫu 05" in shown) == (code != "2026-10")
    assert (await cli.get("/api/v1/periods/2027-01")).status_code == 404
    assert (await cli.get("/api/v1/periods/abc")).status_code == 404
    empty = (await cli.get("/api/v1/periods/2026-03")).json()
    assert (empty["incidents"], empty["meetings"]["held"]) == (0, 0)


@pytest.mark.parametrize("empty_engine", ["sqlite"], indirect=True)
async def test_a_child_prints_it_and_both_layouts_have_every_page(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """The file comes through the door; the annex stands on pages of its own."""
    answer = await cli.get("/api/v1/periods/2026-10/print.pdf", params={"layout": "state"})
    assert answer.content.startswith(b"%PDF"), answer.text
    services = province.services
    facts = await facts_of(services, "2026-10")
    for layout in ("party", "state"):
        document = document_of(services, facts, layout)  # type: ignore[arg-type]
        assert any(isinstance(block, Annex) for block in document.blocks)
        assert sum(isinstance(block, Table) for block in document.blocks) >= 6
        assert len(to_pages(document, 10)) >= 3
