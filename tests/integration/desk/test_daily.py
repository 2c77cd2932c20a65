"""The report of the day, on both databases: made once at its hour, sent, printed on one page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from collector.coverage import Covered
from collector.fleet import AgentRow
from collector.gathering.heard import lacking_units
from collector.hours.expectations import HoursPolicy
from collector.hours.hours import parse_hours
from collector.liveness import Liveness
from collector.ranges import Received
from collector.reports.daily_keeper import DailyKeeper
from collector.reports.printing import PrintError
from collector.states import Handed
from collector.storage import schema
from collector.storage.coverage import save_coverage
from collector.storage.day_tables import message_files
from collector.storage.outbox_store import OutboxStore
from collector.storage.report_tables import reports
from incidents.channels import load_policy
from incidents.channels.email import as_mail
from incidents.day_file import load_day
from incidents.oncall_file import Known, load_oncall
from incidents.reports.daily import Standing
from incidents.reports.document import Annex
from incidents.reports.render import to_pages, to_pdf
from incidents.rulesets import only
from incidents.switchboard import Switchboard
from tests.integration.desk.office import AN, BINH, CHI, OTHER_UNIT, PLACES, UNIT
from tests.province import UNITS, procedure

if TYPE_CHECKING:
    from incidents.reports.document import Document
    from tests.integration.desk.office import Office

CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, from: w@example.vn}
  modem: {kind: modem, url: "http://127.0.0.1:8460", token_file: token}
recipients:
  - {name: Chi, channel: mail, address: chi@example.vn, severities: [S1, S2, S3, S4]}
"""
CONTACTS = """
contacts:
  - {name: Dung, email: dung@example.vn, channels: [mail]}
  - {name: Kiên, phones: ["0912 345 681"], channels: [modem]}
"""


class Morning:
    """A morning of the office; a new keeper is a new process over the same tables."""

    def __init__(self, office: Office) -> None:
        self.office, self.printed = office, 0
        self.is_broken = False

    def keeper(self, started: datetime) -> DailyKeeper:
        """Return the keeper of a process that began at an instant."""
        services = self.office.province.services
        services.reports.sources.fleet.started_at = started

        async def print_it(document: Document, _form: str, _actor: str) -> bytes:
            self.printed += 1
            if self.is_broken:
                raise PrintError("no fonts")
            return to_pdf(document)

        return DailyKeeper(
            self.office.province.db,
            services.reports,
            services.unit_days,
            self.office.desk,  # type: ignore[arg-type]
            started_at=started,
            printing=print_it,
            new_message_id=iter(f"daily-{n}" for n in range(100)).__next__,
        )

    def rows(self, table: Any) -> list[Any]:
        """Return every row of a table."""
        return list(self.office.province.db.read_now(lambda c: c.execute(select(table)).all()))


@pytest.fixture
def morning(office: Office) -> Morning:
    people = office.desk.people
    board = Switchboard(load_oncall(CONTACTS, file="oncall.yaml", known=Known()), people, PLACES)
    policy = load_policy(CHANNELS, file="channels.yaml")
    office.desk.adopt(only(procedure()), policy, people, office.clock(), board)  # type: ignore[attr-defined]
    file = load_day("report: {send_to: [Chi, Dung, Kiên, Ai đó]}", file="day.yaml")
    office.province.services.unit_days.adopt(file)
    return Morning(office)


def at(hour: int, minute: int = 0, day: int = 26) -> datetime:
    """Return an instant of November, by the province's clocks."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).replace(
        hour=(hour - 7) % 24, day=day if hour >= 7 else day - 1
    )


async def test_it_makes_itself_once_at_its_hour_and_goes_to_who_is_named(morning: Morning) -> None:
    """By mail with the PDF, by telephone without a word of it; a restart makes no second one."""
    office, began = morning.office, at(5)
    keeper = morning.keeper(began)
    assert not await keeper.turn(at(6, 59))
    assert await keeper.turn(at(7))
    assert not await keeper.turn(at(7, 1))
    assert not await morning.keeper(at(7, 2)).turn(at(9))
    [row] = morning.rows(reports)
    assert (row.kind, row.subject, row.made_by, row.state) == (
        "daily", "2026-11-26", "machine:daily", "draft",
    )  # fmt: skip
    sent = [one for one in morning.rows(schema.outbox) if one.reason == "daily_report"]
    assert {(one.recipient, one.channel) for one in sent} == {
        ("Chi", "mail"), ("Dung", "mail"), ("Kiên", "modem"),
    }  # fmt: skip
    [told] = [one for one in sent if one.channel == "modem"]
    assert "Nghiêm trọng" not in told.body  # leaves the network
    assert {one.message_id for one in morning.rows(message_files)} == {
        one.message_id for one in sent if one.channel == "mail"
    }
    claimed = await OutboxStore(office.province.db).claim("mail", at(7, 2), 10)
    [mail] = [one for one in claimed if one.recipient == "Dung"]
    assert mail.subject.startswith("BÁO CÁO NGÀY 26/11/2026 · ")
    raw = as_mail(mail, "w@example.vn")
    assert b"bao-cao-ngay-2026-11-26.pdf" in raw
    assert b"application/pdf" in raw
    assert await keeper.turn(at(7, 0, 27))  # and the next day again
    count = office.province.db.read_now(
        lambda c: c.scalar(select(func.count()).select_from(reports))
    )
    assert count == 2


async def test_it_is_caught_up_and_a_stop_between_making_and_sending_loses_nothing(
    morning: Morning,
) -> None:
    """Down at seven: it is made when hosts have had the time to be heard; then it is sent."""
    late = morning.keeper(at(8, 58))
    assert not await late.turn(at(9))  # nobody could be heard yet
    db = morning.office.province.db
    db.write_now(lambda c: late._make(c, "2026-11-26", at(9, 4)))  # killed right after
    morning.is_broken = True
    assert await morning.keeper(at(9, 5)).turn(at(9, 11))
    assert len(morning.rows(reports)) == 1
    sent = [one for one in morning.rows(schema.outbox) if one.reason == "daily_report"]
    assert len(sent) == 3
    assert morning.rows(message_files) == []  # it could not be printed; the words say where it is


async def test_it_says_what_the_tables_say_without_codes(morning: Morning) -> None:
    """Open incidents make the day serious; what nobody hears is missing; the page is one page."""
    office = morning.office
    await office.open(AN, summary="Máy chủ không bật được", impact="I4", scope="P4")
    await morning.keeper(at(5)).turn(at(7))
    shown = await office.get(CHI, "/api/v1/daily", day="2026-11-26")
    assert shown["standing"] == Standing.SERIOUS
    assert re.search(r"chưa đủ số liệu: thiếu \d+ đơn vị", shown["sentence"])
    assert "(số liệu đến 26/11/2026 07:00)" in shown["sentence"]
    assert "/9 đơn vị đã xác nhận ngày 25/11" in shown["sentence"]
    words = " ".join(
        text
        for one in shown["lists"]
        for text in (one["title"], *(cell for row in one["rows"] for cell in row))
    )
    assert "Máy chủ không bật được" in words
    assert "Ban Tổ chức Tỉnh ủy" in words
    assert not re.search(r"SC26-|000\.\d\d\.30|\bS[1-4]\b", words)
    [report] = morning.rows(reports)
    desk = office.province.services.reports
    whole = office.province.db.read_now(lambda c: desk._locked(c, report.id))
    for layout in ("party", "state"):
        document = desk.in_layout(whole, layout, at(7))  # type: ignore[arg-type]
        assert len(to_pages(replace(document, blocks=document.parts[0]), 10)) == 1
        assert isinstance(document.parts[1][0], Annex)
    page = await office.get(CHI, "/daily", day="2026-11-26")
    assert shown["sentence"] in page
    await office.get(BINH, "/api/v1/daily", status=404, day="2026-11-26")  # answers for one unit
    assert "Báo cáo tự lập lúc 07:00" in await office.get(CHI, "/daily", day="2026-11-01")


async def test_a_unit_has_data_when_whoever_must_be_on_is_heard(morning: Morning) -> None:
    """A silent server lacks; a workstation before hours and a codec that is off do not."""
    sources = morning.office.province.services.reports.sources
    fleet, now = sources.fleet, at(7)
    fleet.calendar = procedure().calendar

    def add(unit: str, kind: str, liveness: Liveness) -> None:
        name = f"{unit}-{kind}"
        host = fleet.add(
            AgentRow(
                name, unit, name, kind, "", bytes(32), 10, now, "", Received(), Handed(),
                is_approved=True,
            )
        )  # fmt: skip
        host.liveness = liveness

    fleet.set_expectations(
        policy=HoursPolicy(kinds={"workstation": parse_hours("T2-T6 07:30-17:00")})
    )
    for unit, *_ in UNITS:
        add(unit, "server", Liveness.ON_TIME)
        add(unit, "workstation", Liveness.OFF_HOURS)
        add(unit, "conference", Liveness.LOST)

    def lacking() -> dict[str, str]:
        db = morning.office.province.db
        whole, found = db.read_now(lambda c: lacking_units(sources, c, now))
        assert whole == len(UNITS)
        return {one.unit: one.what for one in found}

    assert lacking() == {}
    fleet.hosts[f"{UNIT}-server"].liveness = Liveness.SILENT
    fleet.remove(f"{OTHER_UNIT}-server")
    fleet.remove(f"{OTHER_UNIT}-workstation")
    fleet.remove(f"{OTHER_UNIT}-conference")
    assert lacking() == {
        "Ban Tổ chức Tỉnh ủy": "1/3 máy phải hoạt động mà không có số liệu",
        "Ban Tuyên giáo và Dân vận Tỉnh ủy": "Chưa có máy nào được giám sát",
    }
    fleet.hosts[f"{UNIT}-server"].liveness = Liveness.LATE
    day = Covered(UNIT, date(2026, 11, 25), 96, 0)
    db = morning.office.province.db
    db.write_now(lambda c: save_coverage(c, [day], today=date(2026, 11, 26)))
    assert lacking()["Ban Tổ chức Tỉnh ủy"] == "Cả ngày hôm trước không có số liệu"
