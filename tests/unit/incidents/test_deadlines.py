"""Deadlines: what starts, pauses, extends, meets and ends each clock, and what stays visible."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidents.deadlines import come, next_at
from incidents.procedures import shipped
from incidents.timeline import microseconds
from tests.builders import PROCEDURE
from tests.timeline_builder import File, local

FRIDAY = local("2026-02-13 16:00")  # three days before Tết
MONDAY = local("2026-11-23 09:00")  # the day before a holiday


@pytest.mark.parametrize(
    ("severity", "code", "due"),
    [
        ("S1", "ack", "2026-11-23 09:05"),
        ("S4", "ack", "2026-11-23 14:00"),
        ("S1", "classify", "2026-11-23 09:15"),
        ("S4", "classify", "2026-11-26 00:00"),
        ("S2", "notify_commander", "2026-11-23 09:30"),
        ("S3", "contain", "2026-11-23 17:00"),
        ("S4", "contain", "2026-11-28 00:00"),
        ("S2", "restore", "2026-11-23 13:00"),
        ("S1", "fix", "2026-11-24 09:00"),
        ("S3", "fix", "2026-12-02 00:00"),
        ("S2", "update", "2026-11-23 10:00"),
        ("S3", "internal_initial", "2026-11-24 09:00"),
    ],
)
def test_deadline_is_due_by_severity_and_clock(severity: str, code: str, due: str) -> None:
    """Hours run on; working hours stop at noon; working days leave out the first and holidays."""
    assert File(MONDAY, severity).due(code) == local(due)


def test_rule_clocks_run_through_weekend_and_tet() -> None:
    """24 h from Friday 16:00 is Saturday 16:00, 72 h is Monday 16:00 inside Tết: still due."""
    file = File(FRIDAY).decide("nghiem_trong")

    assert file.due("bca_24h") == local("2026-02-14 16:00")
    assert file.due("bca_72h") == local("2026-02-16 16:00")
    assert file.rows["bca_24h"].mark == "rule"


def test_five_working_days_cross_tet() -> None:
    """Service back on Friday 13 February: the final report is due at the end of 27 February."""
    file = File(FRIDAY).move("khoi_phuc")

    assert file.due("final") == local("2026-02-28 00:00")


def test_five_calendar_days_roll_off_a_weekend() -> None:
    """The former rule: five days from Monday end on Saturday, so on Monday."""
    file = File(MONDAY, procedure=shipped("vn-2017-legacy"))

    assert file.due("legacy_5d") == local("2026-12-01 00:00")


def test_clock_of_law_starts_at_detection_however_late_its_ground_is_found() -> None:
    """Found after 20 hours: four of 24 are left."""
    file = File(FRIDAY).after(hours=20).decide("nghiem_trong")

    assert file.rows["bca_24h"].start_at == FRIDAY
    assert file.due("bca_24h") == FRIDAY + timedelta(hours=24)


@pytest.mark.parametrize("severity", ["S3", "S4"])
def test_ground_starts_a_clock_whatever_the_severity(severity: str) -> None:
    """A mild incident with a serious ground has the 24 h clock; without a decision it has none."""
    assert "bca_24h" not in File(FRIDAY, severity).rows

    file = File(FRIDAY, severity).decide("nghiem_trong")

    assert file.due("bca_24h") == FRIDAY + timedelta(hours=24)
    assert file.due("bca_72h") == FRIDAY + timedelta(hours=72)
    assert "bca_now" not in file.rows


def test_at_once_has_the_nearest_number_where_the_severity_names_none() -> None:
    """S3 with a ground "at once": the alarm of S2."""
    assert File(FRIDAY, "S3").decide("ngay").due("bca_now") == FRIDAY + timedelta(hours=2)


def test_personal_data_starts_only_its_own_clock() -> None:
    """72 h to the authority for personal data, nothing to the police."""
    rows = File(FRIDAY).decide("du_lieu_ca_nhan").rows

    assert {row.code for row in rows.values() if row.is_legal} == {"dlcn_72h"}


@pytest.mark.parametrize("grounds", [("ngay",), ("nghiem_trong", "su_co")])
def test_cipher_incident_never_starts_a_clock_towards_the_agency(grounds: tuple[str, ...]) -> None:
    """Whatever ground is recorded: those report under cipher law."""
    rows = File(FRIDAY, "S1", nature="mat_ma").decide(*grounds).rows

    assert not any(code.startswith("bca_") for code in rows)


def test_undecided_counts_as_yes_for_the_worst_and_runs_from_detection() -> None:
    """At the classify deadline the desk writes the grounds that count; the clocks began before."""
    file = File(FRIDAY).after(minutes=30)
    due = come(file.rows.values(), file.incident.clocks, file.now)
    assert "classify" in {item.row.code for item in due}

    file.add(
        "deadline_missed", deadline="classify", run="S2", percent=100, presumed=["nghiem_trong"]
    )

    assert file.due("bca_24h") == FRIDAY + timedelta(hours=24)
    assert file.due("bca_72h") == FRIDAY + timedelta(hours=72)


def test_a_decision_not_to_report_stops_what_was_presumed_and_keeps_it_in_the_record() -> None:
    """The clock says since when it no longer applies."""
    file = File(FRIDAY).after(minutes=30)
    file.add("deadline_missed", deadline="classify", run="S2", percent=100, presumed=["su_co"])
    file.after(minutes=30).decide(decision="no")
    row = file.rows["bca_72h"]

    assert (row.stopped_at, row.stopped_by) == (file.now, "not_reportable")
    assert file.state("bca_72h") == "khong_con_ap_dung"
    assert file.after(days=30).state("bca_72h") == "khong_con_ap_dung"


def test_deadline_walks_its_states() -> None:
    """Not due, due soon from 80 %, overdue at the due instant."""
    file = File(MONDAY)

    assert file.state("restore") == "chua_den_han"
    assert file.after(hours=3, minutes=12).state("restore") == "sap_den_han"
    assert file.after(minutes=47, seconds=59).state("restore") == "sap_den_han"
    assert file.after(seconds=1).state("restore") == "qua_han"
    assert file.after(hours=2).rows["restore"].late_by(file.now) == timedelta(hours=2)


def test_met_at_the_due_instant_is_on_time_and_a_second_later_is_late_for_ever() -> None:
    """What comes afterwards changes neither."""
    on_time = File(MONDAY).after(minutes=30).meet("notify_commander")
    late = File(MONDAY).after(minutes=30, seconds=1).meet("notify_commander").meet("notify_office")

    assert on_time.after(days=9).state("notify_commander") == "hoan_thanh_dung_han"
    assert late.after(days=9).weigh("S4").state("notify_commander") == "hoan_thanh_tre"
    assert late.rows["notify_commander"].late_by(late.now) == timedelta(seconds=1)


def test_met_keeps_when_it_was_done_and_when_it_was_written_down() -> None:
    """A telephone call is noted afterwards: both instants are there."""
    file = File(MONDAY).after(minutes=40)
    file.meet("notify_commander", at=MONDAY + timedelta(minutes=20))
    row = file.rows["notify_commander"]

    assert row.met_at == MONDAY + timedelta(minutes=20)
    assert row.proof is not None
    assert row.proof.recorded_at == file.now


def test_raised_severity_shortens_from_detection_and_keeps_the_earlier_clock() -> None:
    """S3 to S1 after an hour: the earlier clock stays in the record."""
    file = File(MONDAY, "S3").after(hours=1).weigh("S1")
    row = file.rows["contain"]

    assert file.due("contain") == MONDAY + timedelta(hours=1)
    assert [(c.severity, c.why, c.was_late) for c in row.earlier] == [("S3", "severity", False)]


def test_lowered_severity_does_not_hide_what_was_missed() -> None:
    """Containment was overdue as S1; as S3 it has a new clock, and the miss stays."""
    file = File(MONDAY, "S1").after(hours=2).weigh("S3")

    assert file.state("contain") == "chua_den_han"
    assert file.rows["contain"].missed_before == 1


def test_what_was_met_keeps_the_clock_it_was_met_under() -> None:
    """Told the commander after 20 minutes as S2: raising to S1 does not make that late."""
    file = File(MONDAY).after(minutes=20).meet("notify_commander").after(minutes=5).weigh("S1")

    assert file.state("notify_commander") == "hoan_thanh_dung_han"


def test_on_hold_pauses_internal_clocks_and_no_clock_of_law() -> None:
    """Two hours on hold move the repair by two hours; 72 h stay where they are."""
    file = File(MONDAY).decide("su_co").move("khac_phuc").after(hours=1).move("tam_dung")
    held = file.rows["fix"]
    assert held.paused_since == file.now
    assert next_at([held], file.incident.clocks) is None

    file.after(hours=2).move("khac_phuc")

    assert file.due("fix") == MONDAY + timedelta(hours=50)
    assert file.rows["fix"].pauses == ((MONDAY + timedelta(hours=1), file.now),)
    assert file.due("bca_72h") == MONDAY + timedelta(hours=72)
    assert file.rows["bca_72h"].pauses == ()


@pytest.mark.parametrize(
    ("begin", "end", "due"),
    [
        ("2026-11-23 10:00", "2026-11-23 15:00", "2026-12-02 00:00"),
        ("2026-11-23 10:00", "2026-11-25 10:00", "2026-12-03 00:00"),
        ("2026-11-27 10:00", "2026-11-30 10:00", "2026-12-03 00:00"),
    ],
)
def test_on_hold_moves_working_days_by_the_working_days_that_began(
    begin: str, end: str, due: str
) -> None:
    """Within a day: nothing; over a holiday or a weekend: only the days that people work."""
    file = File(MONDAY, "S3").move("khac_phuc").at(begin).move("tam_dung").at(end)

    assert file.move("khac_phuc").due("fix") == local(due)


def test_overdue_stays_overdue_on_hold() -> None:
    """A pause does not undo what was missed before it."""
    file = File(MONDAY).move("khac_phuc").after(hours=3).move("tam_dung").after(hours=9)

    assert file.state("contain") == "hoan_thanh_dung_han"  # repair began in time
    assert file.state("notify_office") == "qua_han"
    assert file.rows["notify_office"].paused_since is None


def test_extension_moves_an_internal_clock_and_keeps_the_first_one() -> None:
    """The row says until when, who approved it, and what was due before."""
    file = File(MONDAY).after(hours=1)
    until = MONDAY + timedelta(days=5)
    words = {"approver": "Lê Bình", "reason": "chờ thiết bị"}
    file.add("deadline_extended", deadline="fix", until=microseconds(until), texts=words)
    row = file.rows["fix"]

    assert row.due_at == until
    assert row.extension is not None
    assert row.extension.approver == "Lê Bình"
    assert [(c.why, c.due_at) for c in row.earlier] == [("extended", MONDAY + timedelta(hours=48))]


def test_extension_in_a_file_never_moves_a_clock_of_law() -> None:
    """Not even when such an entry was written by other means."""
    file = File(MONDAY).decide("su_co")
    until = microseconds(MONDAY + timedelta(days=9))
    file.add("deadline_extended", deadline="bca_72h", until=until)

    assert file.due("bca_72h") == MONDAY + timedelta(hours=72)


def test_progress_report_repeats_until_service_is_back() -> None:
    """Each report starts the next hour; each keeps whether it was on time."""
    file = File(MONDAY).after(minutes=50).meet("update").after(minutes=70).meet("update")

    assert file.due("update") == MONDAY + timedelta(hours=3)
    assert [c.was_late for c in file.rows["update"].earlier] == [False, True]
    assert file.rows["update"].missed_before == 1

    file.after(minutes=30).move("khoi_phuc")

    assert file.rows["update"].stopped_by == "restored"
    assert file.after(days=1).state("update") == "khong_con_ap_dung"


def test_restoration_that_did_not_hold_is_kept_and_the_clock_runs_again() -> None:
    """Back after an hour, gone again: the deadline is open, and what was stays."""
    file = File(MONDAY).after(hours=1).add("recovered", actor="machine:collector")
    assert file.state("restore") == "hoan_thanh_dung_han"

    file.after(hours=1).add("fired_again", actor="machine:collector", alert=1, unit="000.01")

    assert file.state("restore") == "chua_den_han"
    assert [c.why for c in file.rows["restore"].earlier] == ["undone"]
    assert file.after(hours=3).state("restore") == "qua_han"


def test_dismissed_incident_has_no_running_clock() -> None:
    """What it was not needs no report; what was missed before stays missed."""
    file = File(MONDAY).after(minutes=31).move("tiep_nhan").move("khong_phai_su_co")

    assert not any(row.is_running for row in file.rows.values())
    assert file.state("notify_commander") == "qua_han"
    assert file.state("restore") == "khong_con_ap_dung"
    assert next_at(file.rows.values(), file.incident.clocks) is None


def test_closed_incident_still_owes_its_reports_of_law_and_its_review() -> None:
    """Internal clocks end with it; the 72 h do not, and the review begins."""
    file = File(MONDAY).decide("su_co").after(hours=1)
    for stage in ("tiep_nhan", "xac_minh", "ung_cuu_ban_dau", "khoi_phuc", "cho_phe_duyet"):
        file.move(stage)
    file.after(hours=1).move("ket_thuc")

    assert {code for code, row in file.rows.items() if row.is_running} == {"bca_72h", "review"}
    assert file.due("review") == local("2026-12-09 00:00")
    assert file.state("final") == "hoan_thanh_dung_han"


def test_reopened_incident_walks_again_while_clocks_of_law_stay() -> None:
    """The repair has a new clock from the reopening; the 72 h are those of the detection."""
    file = File(MONDAY).decide("su_co").after(hours=1)
    for stage in ("tiep_nhan", "xac_minh", "ung_cuu_ban_dau", "khoi_phuc", "cho_phe_duyet"):
        file.move(stage)
    file.move("ket_thuc").after(days=10).move("xac_minh", reopens=True)

    assert file.due("fix") == file.now + timedelta(hours=48)
    assert file.due("bca_72h") == MONDAY + timedelta(hours=72)
    earlier = file.rows["fix"].earlier
    assert [(c.why, c.was_late) for c in earlier] == [("reopened", False)]


def test_places_on_a_list_have_no_clock() -> None:
    """S4 is told to the commander on the daily list."""
    row = File(MONDAY, "S4").rows["notify_commander"]

    assert (row.on_list, row.due_at) == ("daily", None)


def test_points_come_once_each_and_only_the_last_of_several() -> None:
    """After a long silence a deadline is told of once, at its weightiest point."""
    file = File(MONDAY).after(minutes=24)
    (first,) = [c for c in _come(file) if c.row.code == "notify_commander"]
    assert first.point.percent == 80
    file.add("deadline_warned", deadline="notify_commander", run="S2", percent=80)
    assert not [c for c in _come(file) if c.row.code == "notify_commander"]

    file.after(hours=5)
    (last,) = [c for c in _come(file) if c.row.code == "notify_commander"]

    assert last.point.percent == 125
    file.add("deadline_missed", deadline="notify_commander", run="S2", percent=125)
    assert not [c for c in _come(file) if c.row.code == "notify_commander"]


def _come(file: File) -> list:
    return come(file.rows.values(), file.incident.clocks, file.now)


def test_telling_the_commander_meets_the_duty_to_tell_them() -> None:
    """Whoever was told, by role; telling somebody else does not count."""
    file = File(MONDAY).after(minutes=5)
    file.add("told", role="lanh_dao_vp", at=microseconds(file.now), how="phone")
    assert file.state("notify_commander") == "chua_den_han"

    file.add("told", role="chi_huy", at=microseconds(MONDAY), how="phone")

    assert file.rows["notify_commander"].met_at == MONDAY
    assert file.state("notify_office") == "hoan_thanh_dung_han"


def test_another_nature_opens_the_decision_again_and_moves_no_clock_of_law() -> None:
    """Cable cut turns out sabotage: decide again within the term; 72 h run from the detection."""
    file = File(MONDAY).decide("su_co").after(hours=5)
    file.add("classified", nature="an_ninh")

    assert file.due("classify") == MONDAY + timedelta(hours=5, minutes=30)
    assert file.rows["classify"].met_at is None
    assert file.due("bca_72h") == MONDAY + timedelta(hours=72)
    assert file.decide("su_co", "nghiem_trong").due("bca_24h") == MONDAY + timedelta(hours=24)


def test_every_deadline_of_the_ruleset_says_what_meets_it() -> None:
    """None can stay open for ever."""
    assert all(deadline.met_by for deadline in PROCEDURE.file.deadlines)
