"""Deadlines on a real database: who is told when, what cancels it, and what stays for ever."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from collector.storage import schema
from incidents.commands import Acknowledge, Close, Extend, Meet, Move, Reportable
from incidents.procedures import read_procedure
from incidents.rulesets import Rulesets, only
from incidents.timeline import read
from tests.builders import CHANNELS, PROCEDURE, T0, desk, policy
from tests.office import DutyOffice

if TYPE_CHECKING:
    from collector.storage.database import Database

S2 = {"impact": "I3", "scope": "P2"}
ALL = "severities: [S1, S2, S3, S4]"
ROLES = f"""
channels:
  mail: {{kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}}
recipients:
  - {{name: An, channel: mail, address: an@example.vn, {ALL}, role: truc_ca}}
  - {{name: Cúc, channel: mail, address: cuc@example.vn, {ALL}, role: truc_ca, backup: true}}
  - {{name: Bình, channel: mail, address: binh@example.vn, severities: [S1, S2, S3], role: chi_huy}}
  - {{name: Dũng, channel: mail, address: dung@example.vn, severities: [S1, S2], role: lanh_dao_vp}}
"""


@pytest.fixture
def office(db: Database) -> DutyOffice:
    """A desk whose recipients have roles."""
    return DutyOffice(db, desk(policy(ROLES)))


def told_of(office: DutyOffice, duty: str) -> list[tuple[int, str]]:
    """Minute and recipient of each message that named a duty."""
    return [(minute, who) for minute, who, duties in office.messages() if duty in duties.split(",")]


def test_backup_commander_and_leadership_are_told_at_their_points(office: DutyOffice) -> None:
    """Telling the commander: 30 minutes; 80 % the backup, due the commander, 125 % the leaders."""
    incident = office.fire(**S2)
    office.command(incident, Acknowledge())
    office.command(incident, Meet("update", "Đã báo"))
    office.after(minutes=40)

    assert told_of(office, "notify_commander") == [(24, "Cúc"), (30, "Bình"), (38, "Dũng")]


def test_one_person_gets_at_most_one_message_in_ten_minutes(office: DutyOffice) -> None:
    """What comes within the ten minutes goes with the next one; every warning is told."""
    incident = office.fire(impact="I3", scope="P4")
    office.command(incident, Acknowledge())
    office.after(hours=30)

    for name in ("An", "Cúc", "Bình", "Dũng"):
        minutes = [minute for minute, _, _ in office.messages(name)]
        assert all(b - a >= 10 for a, b in pairwise(minutes)), name
    named = {duty for _, who, duties in office.messages("Bình") for duty in duties.split(",")}
    assert named >= {"classify", "notify_commander", "notify_office", "contain", "restore", "fix"}
    held = office.rows(schema.decisions, reason="told_together", recipient="Bình")
    assert held
    assert not held[0].notify


def test_message_names_the_next_three_duties_and_their_times(office: DutyOffice) -> None:
    """Reason first; what is due, who acts, law or proposal; then what comes next."""
    incident = office.fire(**S2)
    office.command(incident, Acknowledge())
    office.after(minutes=24)
    (first,) = [row for row in office.rows(schema.outbox) if row.duties]

    assert first.subject.startswith("SẮP ĐẾN HẠN · SC26-0001 · S2 Nghiêm trọng · ")
    assert "- Báo chỉ huy: hạn 23/11/2026 09:30 (Trực ca; đề xuất)" in first.body
    following = first.body.split("Việc tiếp theo:\n")[1].splitlines()[:3]
    assert [line.split(":")[0] for line in following] == [
        "- Báo lãnh đạo Văn phòng",
        "- Báo cáo diễn biến",
        "- Khoanh vùng, cô lập",
    ]


def test_duty_met_cancels_its_waiting_messages_and_says_why(office: DutyOffice) -> None:
    """A message that names another open duty as well stays."""
    incident = office.fire(**S2)
    office.command(incident, Acknowledge())
    office.after(minutes=24)
    (message,) = [row for row in office.rows(schema.outbox) if row.duties]
    assert message.duties == "classify,notify_commander"
    office.command(incident, Meet("notify_commander", "Gọi điện"))
    assert office.rows(schema.outbox, id=message.id)[0].status == "pending"

    office.command(incident, Move("xac_minh"))
    office.command(incident, Move("khong_phai_su_co", "thử", {"disposition": "false-positive"}))

    assert office.rows(schema.outbox, id=message.id)[0].status == "cancelled"
    assert office.rows(schema.decisions, outbox=message.id)[-1].reason == "duty_met"


def test_late_completion_stays_late_in_its_row(office: DutyOffice) -> None:
    """Met ten minutes late; nothing that follows changes that, and the miss is in the file."""
    incident = office.fire(**S2)
    office.command(incident, Acknowledge())
    office.after(minutes=40)
    office.command(incident, Meet("notify_commander", "Gọi điện"))
    office.after(hours=100)
    (row,) = office.rows(schema.deadlines, incident=incident, code="notify_commander")

    assert row.met_at - row.due_at == timedelta(minutes=10)
    missed = [
        json.loads(e.canonical)["data"] for e in office.entries(incident) if "missed" in e.kind
    ]
    assert ("notify_commander", 100) in {(d["deadline"], d.get("percent")) for d in missed}


def test_undecided_reporting_counts_as_yes_and_its_clocks_run_from_detection(
    office: DutyOffice,
) -> None:
    """S2 undecided after 30 minutes: 24 h and 72 h are rows, from the detection on."""
    incident = office.fire(**S2)
    office.after(minutes=29)
    assert not office.rows(schema.deadlines, incident=incident, code="bca_24h")

    office.after(minutes=1)

    (row,) = office.rows(schema.deadlines, incident=incident, code="bca_24h")
    assert (row.start_at, row.due_at, row.mark) == (T0, T0 + timedelta(hours=24), "rule")
    assert row.legal


def test_clock_of_law_is_told_of_after_the_incident_is_closed(office: DutyOffice) -> None:
    """A recovered S4 with a serious ground, closed at once: its clocks of law run on."""
    incident = office.fire(impact="I2", scope="P1")
    office.command(incident, Reportable("yes", "Dịch vụ dừng", ("nghiem_trong",)))
    office.do(lambda tx: office.desk.alert_recovered(tx, incident, 1, office.now))
    office.command(incident, Close("Xong", "system-failures"), "person:binh")
    office.after(hours=73)

    assert {minute for minute, _ in told_of(office, "bca_24h")} >= {24 * 60, 30 * 60}
    assert 72 * 60 in {minute for minute, _ in told_of(office, "bca_72h")}


def test_extension_moves_the_warnings(office: DutyOffice) -> None:
    """Four hours to restore become eight: nobody is told of it at four."""
    incident = office.fire(**S2)
    office.command(incident, Acknowledge())
    office.after(minutes=5)
    until = T0 + timedelta(hours=8)
    office.command(incident, Extend("restore", until, "Bình", "chờ thiết bị"))
    office.after(hours=9)

    assert (4 * 60, "Bình") not in told_of(office, "restore")
    assert (8 * 60, "Bình") in told_of(office, "restore")
    (row,) = office.rows(schema.deadlines, incident=incident, code="restore")
    assert (row.due_at, row.extended_by) == (until, "Bình")


def test_without_roles_the_recipients_of_the_severity_are_told(db: Database) -> None:
    """Nobody has a role: everybody who wants the severity, as for any other page."""
    office = DutyOffice(db, desk(policy(CHANNELS)))
    incident = office.fire(**S2)
    office.command(incident, Acknowledge())
    office.after(minutes=24)

    assert {who for _, who, _ in office.messages()} == {"Trực ca", "Lãnh đạo"}


def test_incident_keeps_ruleset_and_policy_whatever_the_directory_holds_today(
    db: Database,
) -> None:
    """Another ruleset of the same id, and other recipients: the old incident goes by its own."""
    office = DutyOffice(db, desk(policy(ROLES)))
    old = office.fire(**S2)
    office.command(old, Acknowledge())
    changed = "extends: vn-2026\nid: vn-2026\ndeadlines:\n  - {code: fix, due: {S2: 1 h}}\n"
    office.desk.adopt(only(read_procedure(changed, file="p.yaml")), policy(CHANNELS))
    new = office.fire(2, dedup_key="another", **S2)
    fresh = DutyOffice(
        db, desk(policy(CHANNELS), prefix="other")
    )  # another process: nothing in memory
    fresh.desk.adopt(office.desk.rulesets, office.desk.policy)
    fresh.now = office.now
    fresh.after(minutes=30)

    due = {row.incident: row.due_at for row in office.rows(schema.deadlines, code="fix")}
    assert due == {old: T0 + timedelta(hours=48), new: T0 + timedelta(hours=1)}
    boxes = office.rows(schema.outbox, incident=old)
    assert {row.recipient for row in boxes if row.duties} == {"Cúc", "Bình"}
    digests = {row.id: row.ruleset_digest for row in office.rows(schema.incidents)}
    assert digests[old] == PROCEDURE.digest != digests[new]


def test_ruleset_of_tomorrow_changes_only_what_is_detected_tomorrow(db: Database) -> None:
    """Two rulesets in the directory: what is detected before midnight keeps the earlier one."""
    today = read_procedure("extends: vn-2026\nid: cu\nvalid_to: 2026-11-23\n", file="cu.yaml")
    tomorrow = read_procedure(
        "extends: vn-2026\nid: moi\nvalid_from: 2026-11-24\n"
        "deadlines: [{code: ack, due: {S2: 1 min}}]\n",
        file="moi.yaml",
    )
    office = DutyOffice(db)
    office.desk.adopt(Rulesets((today, tomorrow)), policy(CHANNELS), now=T0)
    first = office.fire(**S2)
    office.after(hours=15)
    second = office.fire(2, dedup_key="another", **S2)
    kept = {row.id: (row.ruleset, row.acknowledge_due_at) for row in office.rows(schema.incidents)}

    assert kept[first] == ("cu", T0 + timedelta(minutes=10))
    assert kept[second] == ("moi", T0 + timedelta(hours=15, minutes=1))


@pytest.mark.parametrize(
    ("stage", "allowed"),
    [("tiep_nhan", True), ("khong_phai_su_co", True), ("ket_thuc", False), ("canh_baoo", False)],
)
def test_database_refuses_a_stage_that_the_ruleset_does_not_lead_to(
    office: DutyOffice, stage: str, allowed: bool
) -> None:
    """Whoever writes: only a move of the incident's own ruleset."""
    incident = office.fire(**S2)
    change = update(schema.incidents).where(schema.incidents.c.id == incident).values(stage=stage)
    if allowed:
        office.db.write_now(lambda c: c.execute(change))
        return

    with pytest.raises(DBAPIError, match="does not allow this change of stage"):
        office.db.write_now(lambda c: c.execute(change))


def test_database_lets_a_recovered_s4_take_the_short_way_and_no_other(office: DutyOffice) -> None:
    """The quick end is for the severities that the ruleset names, once recovered."""
    incident = office.fire(impact="I2", scope="P1")
    change = update(schema.incidents).where(schema.incidents.c.id == incident)
    with pytest.raises(DBAPIError, match="does not allow"):
        office.db.write_now(lambda c: c.execute(change.values(stage="ket_thuc")))

    office.do(lambda tx: office.desk.alert_recovered(tx, incident, 1, office.now))
    office.command(incident, Close("Xong", "system-failures"))

    assert office.rows(schema.incidents)[0].stage == "ket_thuc"


def test_database_refuses_an_incident_that_starts_elsewhere_or_without_a_ruleset(
    office: DutyOffice,
) -> None:
    """A machine, or anybody, starts it where the ruleset says; and it keeps its ruleset."""
    incident = office.fire(**S2)
    row = dict(office.rows(schema.incidents)[0]._mapping)
    fresh = row | {"id": 99, "code": "SC26-0099", "dedup_key": None}
    for wrong in ({"stage": "khoi_phuc"}, {"ruleset_digest": None}, {"ruleset_digest": "x"}):
        with pytest.raises(DBAPIError, match="starts where its ruleset says"):
            office.db.write_now(
                lambda c, values=fresh | wrong: c.execute(schema.incidents.insert().values(values))
            )
    with pytest.raises(DBAPIError, match="keeps its ruleset"):
        office.db.write_now(
            lambda c: c.execute(
                update(schema.incidents)
                .where(schema.incidents.c.id == incident)
                .values(ruleset_digest=None)
            )
        )


@pytest.mark.parametrize("table", ["kept_policies", "legal_moves"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = ''", "DELETE FROM {}"])
def test_database_refuses_to_change_what_was_in_force(
    office: DutyOffice, table: str, change: str
) -> None:
    """A ruleset is what it was."""
    office.fire(**S2)
    column = {"kept_policies": "content", "legal_moves": "severity"}[table]

    with pytest.raises(DBAPIError, match="append-only"):
        office.db.write_now(lambda c: c.execute(text(change.format(table, column))))


def test_kept_rulesets_hold_no_channel_settings(office: DutyOffice) -> None:
    """How a channel is reached may hold a secret: only who is told of what is kept."""
    office.fire(**S2)
    query = select(schema.kept_policies.c.content).where(schema.kept_policies.c.kind == "paging")
    (content,) = office.db.read_now(lambda c: c.scalars(query).all())

    assert "channels" not in json.loads(content)
    assert json.loads(content)["recipients"][0]["name"] == "An"


def test_rows_are_the_projection_of_the_file(office: DutyOffice) -> None:
    """Row for row what the entries make of it, after a day of turns."""
    incident = office.fire(**S2)
    office.after(hours=30)
    found = office.do(lambda tx: office.desk.deadlines_of(tx, incident))
    stored = {row.code: row for row in office.rows(schema.deadlines, incident=incident)}

    assert {row.code for row in found} == set(stored)
    for row in found:
        assert (row.due_at, row.met_at, row.run) == (
            stored[row.code].due_at,
            stored[row.code].met_at,
            stored[row.code].run,
        )
    assert all(read(entry) for entry in office.entries(incident))
