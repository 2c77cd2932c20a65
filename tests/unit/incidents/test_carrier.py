"""What a carrier is told, promises and keeps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from incidents import carrier_slip
from incidents.actor import Actor
from incidents.carrier import Reported, figures, is_kept
from incidents.carrier_slip import End, Fault, LineFacts, Measured, PortState, slip
from incidents.commands import (
    CarrierBack,
    CarrierPromised,
    CarrierTold,
    Command,
    Extend,
    Refused,
    allowed,
    decide,
)
from incidents.deadline_rows import State
from incidents.timeline import microseconds
from tests.builders import AN
from tests.timeline_builder import File, local

BEGUN = local("2026-03-05 07:05")


def do(file: File, command: Command) -> File:
    """Carry a command out."""
    for draft in decide(file.incident, command, AN, file.procedure, file.now):
        file.add(str(draft.kind), **draft.data)
    return file


def told(**changes: object) -> File:
    """A fault that was reported ten minutes after it began, with a promise for nine o'clock."""
    wish = {"circuit": "MLL-0042", "ticket": "TT1", "promised": local("2026-03-05 09:00")}
    return do(File(BEGUN).after(minutes=10), CarrierTold("VNPT", **(wish | changes)))  # type: ignore[arg-type]


def test_a_promise_is_a_deadline_of_the_incident() -> None:
    """Who is on duty is warned of it and told when it passes, as of every other."""
    file = told()
    row = file.rows["carrier"]

    assert row.due_at == local("2026-03-05 09:00")
    assert row.who == file.procedure.deadlines["ack"].who
    assert {point.percent: point.at for point in row.points}[100] == row.due_at
    assert row.state(local("2026-03-05 09:00")) is State.OVERDUE
    assert "carrier" not in File(BEGUN).rows


def test_another_promise_takes_its_place_and_the_first_stays_on_record() -> None:
    """The carrier is held to the first; the last one says when to ask again."""
    file = told().at("2026-03-05 09:30")
    do(file, CarrierPromised(1, local("2026-03-05 12:00"), "TT2"))
    (report,) = file.incident.work.carrier
    row = file.rows["carrier"]

    assert report.ticket == "TT2"
    assert report.first_promise == local("2026-03-05 09:00")
    assert row.due_at == local("2026-03-05 12:00")
    assert row.missed_before == 1


def test_a_line_is_back_when_its_alerts_recover_and_not_when_they_return() -> None:
    """What a person says stands whatever the alerts do."""

    def restored_at(file: File) -> datetime | None:
        return file.incident.work.carrier[0].restored_at

    file = told().at("2026-03-05 08:00").add("recovered", actor="machine:desk")
    assert restored_at(file) == local("2026-03-05 08:00")
    assert file.rows["carrier"].state(file.now) is State.ON_TIME

    file.at("2026-03-05 08:30").add("fired_again", actor="machine:desk", alert=2, unit="000.01")
    assert restored_at(file) is None

    do(file.at("2026-03-05 10:00"), CarrierBack(1, local("2026-03-05 09:50")))
    file.add("fired_again", actor="machine:desk", alert=3, unit="000.01")
    assert restored_at(file) == local("2026-03-05 09:50")
    assert file.rows["carrier"].state(file.now) is State.LATE


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (CarrierTold(" "), "carrier"),
        (CarrierTold("VNPT", promised=BEGUN), "promised"),
        (CarrierTold("VNPT", at=BEGUN + timedelta(days=1)), "at"),
        (CarrierPromised(2, ticket="x"), "report"),
        (CarrierPromised(1), "ticket"),
        (CarrierPromised(1, BEGUN), "promised"),
        (CarrierBack(1, BEGUN - timedelta(hours=1)), "at"),
        (Extend("carrier", local("2026-03-06 09:00"), "Chi", "x"), "deadline"),
    ],
)
def test_refusal_says_what_is_needed(command: Command, needed: str) -> None:
    """The words are there in both languages."""
    file = told()
    with pytest.raises(Refused) as caught:
        decide(file.incident, command, AN, file.procedure, file.now)

    assert needed in caught.value.needed
    assert caught.value.reason_vi
    assert caught.value.reason_en


def test_nothing_of_a_cipher_incident_is_told() -> None:
    """It stays inside, the line it lies on as well."""
    file = File(BEGUN, nature="mat_ma")
    cipher = Actor("person:Bình", frozenset({"co_yeu"}))
    with pytest.raises(Refused) as caught:
        decide(file.incident, CarrierTold("VNPT"), cipher, file.procedure, file.now)

    assert tuple(caught.value.needed) == ("nature",)


def test_forms_are_offered_while_a_report_is_open() -> None:
    """Ticket and promise, and that the line is back; no extension of what others promised."""
    file = told()

    def offered() -> dict[str, set[str]]:
        actions = allowed(file.incident, AN, file.procedure, file.now)
        return {one.kind: {o.code for ask in one.asks for o in ask.options} for one in actions}

    assert {"carrier_promise", "carrier_back"} <= set(offered())
    assert "carrier" not in offered().get("extend", set())
    do(file, CarrierBack(1))
    assert not {"carrier_promise", "carrier_back"} & set(offered())


def reported(
    promised: str = "", back: str = "", again: str = "", carrier: str = "VNPT"
) -> Reported:
    """A report of seven in the morning; the others are times of that day."""

    def at(time: str) -> datetime | None:
        return local(f"2026-03-05 {time}") if time else None

    line = ("SC26-0001", "H1", carrier, "MLL-0042", "", local("2026-03-05 07:00"))
    return Reported(*line, at(promised), at(again or promised), at(back))


NOON = local("2026-03-05 12:00")


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        (reported(), None),
        (reported(back="08:00"), None),
        (reported("09:00", "09:00"), True),
        (reported("09:00", "09:01"), False),
        (reported("09:00", "09:30", again="10:00"), False),
        (reported("11:00"), False),
        (reported("12:00"), None),
        (reported("13:00"), None),
    ],
)
def test_a_promise_is_kept_when_the_line_is_back_by_the_first(
    one: Reported, kept: bool | None
) -> None:
    """The instant itself is in time; without a promise there is nothing to keep."""
    assert is_kept(one, NOON) is kept


def test_figures_count_each_carrier_by_itself() -> None:
    """Who breaks most comes first; what still lasts is late by now."""
    found = figures(
        [
            reported("09:00", "08:00"),
            reported("09:00", "11:00", again="10:00"),
            reported("11:00"),
            reported("13:00"),
            reported(back="08:00", carrier="Viettel"),
        ],
        NOON,
    )

    assert [one.carrier for one in found] == ["VNPT", "Viettel"]
    vnpt, viettel = found
    assert (vnpt.reports, vnpt.promised, vnpt.kept, vnpt.broken, vnpt.changed) == (4, 4, 1, 2, 1)
    assert vnpt.late_seconds == (2 + 1) * 3600
    assert (vnpt.restored, vnpt.mean_seconds) == (2, (1 + 4) / 2 * 3600)
    assert (viettel.promised, viettel.kept, viettel.broken) == (0, 0, 0)
    assert figures([], NOON) == []


def facts(**changes: object) -> LineFacts:
    """A line of which everything is known."""
    at = local("2026-03-05 09:00")

    def now(value: float) -> Measured:
        return Measured(value, at, is_old=False)

    days = [local(f"2026-03-0{day} 08:00") for day in (4, 3, 2, 1)]
    known: dict[str, object] = {
        "to_centre": now(0.125),
        "from_centre": now(0),
        "near": End("Xã A", now(1), PortState("Gi0/1", now(0))),
        "far": End("Văn phòng Tỉnh ủy", Measured(0, at, is_old=True), None),
        "faults": tuple(Fault(day, day + timedelta(minutes=65)) for day in days),
    }  # fmt: skip
    named = ("SC26-0001", "Đường truyền xã A", "Line of A", "VNPT", "MLL-0042")
    return LineFacts(*named, BEGUN, **(known | changes))  # type: ignore[arg-type]


def test_a_slip_says_everything_that_a_carrier_asks() -> None:
    """Circuit, since when, loss each way, power and port at both ends, the last three faults."""
    assert slip(facts(), local("2026-03-05 09:10")).splitlines() == [
        "PHIẾU BÁO NHÀ MẠNG",
        "Mã sự cố: SC26-0001",
        "Đường truyền: Đường truyền xã A",
        "Nhà mạng: VNPT",
        "Số kênh: MLL-0042",
        "Gián đoạn từ: 05/03/2026 07:05 (đã 2 giờ 5 phút)",
        "Mất gói chiều đi (đơn vị → trung tâm): 12,5 % (đo lúc 05/03/2026 09:00)",
        "Mất gói chiều về (trung tâm → đơn vị): 0,0 % (đo lúc 05/03/2026 09:00)",
        "Đầu đơn vị (Xã A), nguồn điện: mất điện lưới, đang chạy ắc quy (đo lúc 05/03/2026 09:00)",
        "Đầu đơn vị (Xã A), cổng đấu nối: Gi0/1: mất tín hiệu (đo lúc 05/03/2026 09:00)",
        (
            "Đầu trung tâm (Văn phòng Tỉnh ủy), nguồn điện: chưa rõ hiện nay; lần đo cuối "
            "05/03/2026 09:00: điện lưới"
        ),
        "Đầu trung tâm (Văn phòng Tỉnh ủy), cổng đấu nối: chưa rõ",
        "Các lần gián đoạn gần nhất:",
        "- 04/03/2026 08:00 – 04/03/2026 09:05 (1 giờ 5 phút)",
        "- 03/03/2026 08:00 – 03/03/2026 09:05 (1 giờ 5 phút)",
        "- 02/03/2026 08:00 – 02/03/2026 09:05 (1 giờ 5 phút)",
        "Đề nghị nhà mạng xác nhận tiếp nhận, cho số phiếu và giờ hẹn khôi phục.",
    ]


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    """Never a zero and never left out."""
    bare = LineFacts("SC26-0001", "Đường A", "Line A", "", "", BEGUN)
    vi, en = slip(bare, BEGUN), slip(bare, BEGUN, "en")

    for label in ("Nhà mạng", "Số kênh", "Mất gói cả hai chiều", "Đầu trung tâm, nguồn điện"):
        assert f"{label}: chưa rõ\n" in vi
    assert "Các lần gián đoạn gần nhất: không có trong hồ sơ\n" in vi
    assert en.count("not known") == 9
    assert "!" not in vi


def test_every_word_of_a_slip_is_there_in_both_languages() -> None:
    """With the same places to fill."""
    for vi, en in carrier_slip._WORDS.values():
        assert vi
        assert en
        assert {part for part in ("{at}", "{value}", "{name}", "{span}") if part in vi} == {
            part for part in ("{at}", "{value}", "{name}", "{span}") if part in en
        }


def test_entries_keep_instants_as_whole_numbers() -> None:
    """What a report says is part of the chain."""
    (draft,) = decide(File(BEGUN).incident, CarrierTold("VNPT"), AN, File(BEGUN).procedure, BEGUN)
    assert draft.data == {
        "report": 1, "carrier": "VNPT", "circuit": "", "ticket": "", "at": microseconds(BEGUN),
        "promised_at": None,
    }  # fmt: skip
