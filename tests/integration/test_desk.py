"""The desk on a real database: who is paged, when, why, and what the file keeps of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from collector.storage import schema
from collector.storage.database import Database
from collector.storage.desk_store import DeskStore, stored_timeline
from incidents.causes import HandReport
from incidents.commands import Acknowledge, Close, Move, Note, Raise, Refused, Waive
from incidents.desk import Conflict
from incidents.desk_store import NoSuchIncident
from incidents.outbox import OF_DUTIES
from incidents.timeline import verify_chain
from tests.builders import AN, BINH, CHANNELS, T0, cause, desk, policy
from tests.office import DeskDriver

if TYPE_CHECKING:
    from incidents.causes import Cause

S4 = {"impact": "I2", "scope": "P1"}


class Office(DeskDriver):
    """A desk whose alerts are made one by one, and whose tables are read."""

    def fire(self, told: Cause) -> int:
        return int(self.do(lambda tx: self.desk.alert_fired(tx, told, self.now)))

    def recover(self, incident: int, alert_id: int = 1) -> None:
        self.do(lambda tx: self.desk.alert_recovered(tx, incident, alert_id, self.now))

    def rows(self, table: Any, *columns: Any) -> list[Any]:
        query = select(*columns).order_by(table.c.id)
        return [tuple(row) for row in self.db.read_now(lambda c: c.execute(query).all())]

    def sent(self) -> list[tuple[int, str, str]]:
        """Minutes after the start, kind and reason of every message to the duty officer.

        Messages about deadlines but the acknowledge one are those of `test_deadlines`.
        """
        box = schema.outbox
        rows = self.rows(box, box.c.created_at, box.c.kind, box.c.reason, box.c.recipient)
        return [
            (round((at - T0).total_seconds() / 60), kind, reason)
            for at, kind, reason, recipient in rows
            if recipient == "Trực ca" and reason not in OF_DUTIES
        ]

    def kept(self) -> list[tuple[str, bool, str]]:
        """Every decision: recipient, told or not, reason."""
        made = schema.decisions
        rows = self.rows(made, made.c.recipient, made.c.notify, made.c.reason)
        return [row for row in rows if row[2] not in {*OF_DUTIES, "told_together", "duty_met"}]

    def row(self, incident: int) -> Any:
        query = select(schema.incidents).where(schema.incidents.c.id == incident)
        return self.db.read_now(lambda c: c.execute(query).one())

    def kinds(self, incident: int) -> list[str]:
        return [e.kind for e in self.db.read_now(lambda c: stored_timeline(c, incident))]


@pytest.fixture
def office(db: Database) -> Office:
    return Office(db)


def test_desk_pages_once_when_an_alert_fires(office: Office) -> None:
    """One incident, one page to each who wants its severity, a code of this year."""
    incident = office.fire(cause())

    assert office.sent() == [(0, "page", "first")]
    assert office.kept() == [("Trực ca", True, "first"), ("Lãnh đạo", True, "first")]
    row = office.row(incident)
    assert (row.code, row.severity, row.stage) == ("SC26-0001", "S1", "canh_bao")
    assert row.acknowledge_due_at == T0 + timedelta(minutes=5)


def test_desk_joins_a_second_alert_of_the_same_cause_without_a_page(office: Office) -> None:
    """Two alerts, one incident, one page, and the reason for the silence is kept."""
    first = office.fire(cause(1))
    second = office.fire(cause(2))
    again = office.fire(cause(2))

    assert first == second == again
    assert office.sent() == [(0, "page", "first")]
    assert office.kept()[2:] == [
        ("Trực ca", False, "joined_same_cause"),
        ("Lãnh đạo", False, "joined_same_cause"),
    ]
    assert office.kinds(first) == ["opened", "notified", "alert_joined"]


def test_desk_opens_another_incident_for_another_cause(office: Office) -> None:
    """Causes do not mix; codes count on."""
    office.fire(cause(1))
    other = office.fire(cause(2, dedup_key="another"))

    assert office.row(other).code == "SC26-0002"


def test_desk_repeats_until_somebody_acknowledges(office: Office) -> None:
    """S1: a warning at 80 %, overdue at 5 minutes, then every 5 minutes; then silence."""
    incident = office.fire(cause())
    office.after(minutes=16)
    office.command(incident, Acknowledge())
    office.after(hours=48)

    assert office.sent() == [
        (0, "page", "first"),
        (4, "page", "deadline_warning"),
        (5, "page", "deadline_missed"),
        (10, "page", "repeat"),
        (15, "page", "repeat"),
    ]
    assert office.kept()[-1] == ("Lãnh đạo", False, "acknowledged")


def test_desk_warns_of_a_working_time_deadline_in_working_time(office: Office) -> None:
    """An S4 told at 09:00 on a Monday: 80 % of 4 working hours is 13:12, due is 14:00."""
    incident = office.fire(cause(**S4))
    office.after(hours=5, minutes=1)

    assert office.sent() == [
        (0, "page", "first"),
        (240, "page", "repeat"),
        (252, "page", "deadline_warning"),
        (300, "page", "deadline_missed"),
    ]
    assert "deadline_missed" in office.kinds(incident)


def test_desk_pauses_repeats_while_recovered_and_tells_it_once(office: Office) -> None:
    """One notice to those who were paged; it stays open; its deadline still runs."""
    incident = office.fire(cause(impact="I2", scope="P4"))
    office.after(minutes=1).recover(incident)
    office.after(hours=1)

    assert office.sent() == [
        (0, "page", "first"),
        (1, "notice", "recovered"),
        (8, "page", "deadline_warning"),
        (10, "page", "deadline_missed"),
    ]
    row = office.row(incident)
    assert (row.stage, row.ended) == ("canh_bao", False)
    assert row.recovered_at == T0 + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minutes", "pages", "reason"),
    [(9.9, 1, "fired_again_too_soon"), (10, 2, "fired_again"), (600, 2, "fired_again")],
)
def test_desk_pages_an_acknowledged_incident_that_fires_again_after_ten_minutes(
    office: Office, minutes: float, pages: int, reason: str
) -> None:
    """Before ten minutes of recovery it is flapping; from ten minutes on it is news."""
    incident = office.fire(cause())
    office.command(incident, Acknowledge())
    office.recover(incident)
    office.after(minutes=minutes)
    again = office.fire(cause(2))

    assert again == incident
    assert [kind for _, kind, _ in office.sent()].count("page") == pages
    assert office.kept()[-1][2] == reason
    assert office.row(incident).recovered_at is None


def test_desk_tells_a_flapping_recovery_once(office: Office) -> None:
    """Recoveries between two pages are one notice."""
    incident = office.fire(cause())
    office.command(incident, Acknowledge())
    for minute in range(4):
        office.recover(incident, minute + 1)
        office.after(minutes=1)
        office.fire(cause(minute + 2))

    assert [kind for _, kind, _ in office.sent()] == ["page", "notice"]


def test_desk_pages_for_a_new_unit_and_for_a_raised_severity(office: Office) -> None:
    """Acknowledged or not: a second unit, a worse severity; who wants only S1 and S2 hears now."""
    incident = office.fire(cause(impact="I2", scope="P1"))
    office.command(incident, Acknowledge())
    office.fire(cause(2, impact="I2", scope="P1", unit="000.02"))
    office.fire(cause(3, impact="I2", scope="P1", unit="000.02"))
    office.fire(cause(4, impact="I3", scope="P3", unit="000.03"))

    assert [reason for _, _, reason in office.sent()] == [
        "first",
        "severity_raised",
        "severity_raised",
    ]
    row = office.row(incident)
    assert (row.scope, row.severity) == ("P3", "S2")
    leader = [(told, reason) for name, told, reason in office.kept() if name == "Lãnh đạo"]
    assert leader == [
        (False, "severity_not_wanted"),
        (False, "severity_not_wanted"),
        (True, "severity_raised"),
    ]


def test_desk_pages_for_a_new_unit_when_the_severity_stays(office: Office) -> None:
    """The scope was already wide: the unit is the news."""
    incident = office.fire(cause())
    office.command(incident, Acknowledge())
    office.fire(cause(2, unit="000.02"))

    assert office.sent()[-1] == (0, "page", "new_unit")


def test_desk_pages_when_an_acknowledgement_expires(db: Database) -> None:
    """Where the policy says so: nothing followed for an hour; a note renews, a move ends it."""
    office = Office(db, desk(policy(CHANNELS + "acknowledgement_expires: {S1: 1h}\n")))
    incident = office.fire(cause())
    office.command(incident, Acknowledge())
    office.after(minutes=50).command(incident, Note("Đang kiểm tra nguồn điện"))
    office.after(minutes=61)
    office.command(incident, Move("xac_minh"))
    office.after(hours=10)

    assert office.sent() == [(0, "page", "first"), (110, "page", "acknowledgement_expired")]


def test_desk_without_recipients_says_so(db: Database) -> None:
    """Nobody is told, and that is written; the missed deadline is in the file."""
    office = Office(db, desk(policy("")))
    incident = office.fire(cause())
    office.after(hours=1)

    assert office.kept()[0] == ("", False, "no_recipient")
    assert office.kinds(incident)[:3] == ["opened", "deadline_warned", "deadline_missed"]
    assert "notified" not in office.kinds(incident)


def test_a_person_closes_step_by_step_and_another_approves(office: Office) -> None:
    """An S1: every stage of the page; the handler does not approve their own work."""
    incident = office.fire(cause())
    office.command(incident, Acknowledge())
    for stage in ("xac_minh", "ung_cuu_ban_dau", "khoi_phuc"):
        office.command(incident, Move(stage))
    with pytest.raises(Refused) as no_cause:
        office.command(incident, Move("cho_phe_duyet"))
    office.command(incident, Move("cho_phe_duyet", fields={"root_cause": "system-failures"}))
    with pytest.raises(Refused) as same_person:
        office.command(incident, Close("Đã dọn đĩa", ""))
    with pytest.raises(Refused) as no_evidence:
        office.command(incident, Close("Đã dọn đĩa", "system-failures"), BINH)
    for kind in ("nhat_ky", "anh_cau_hinh", "anh_chup"):
        office.command(incident, Waive(kind, "máy đã cài lại trước khi tiếp nhận"), BINH)
    with pytest.raises(Refused) as no_reason:
        office.command(incident, Close(" ", "system-failures"), BINH)
    office.command(incident, Close("Đã dọn đĩa", "system-failures"), BINH)

    assert no_cause.value.needed == ("root_cause",)
    assert same_person.value.needed[0] == "other_person"
    assert no_evidence.value.needed == ("evidence.nhat_ky", "evidence.cau_hinh", "evidence.anh")
    assert "Còn thiếu chứng cứ: Trích nhật ký" in no_evidence.value.reason_vi
    assert no_reason.value.needed == ("reason",)
    row = office.row(incident)
    assert (row.stage, row.ended, row.dedup_key) == ("ket_thuc", True, None)


def test_a_person_closes_a_recovered_s4_in_one_act(office: Office) -> None:
    """One entry that names the stages it walked; not before it recovered, not without a cause."""
    incident = office.fire(cause(**S4))
    with pytest.raises(Refused) as fires:
        office.command(incident, Close("Đã dọn", "system-failures"))
    office.recover(incident)
    with pytest.raises(Refused) as no_cause:
        office.command(incident, Close("Đã dọn", ""))
    (entry,) = office.command(incident, Close("Đã dọn", "system-failures"))

    assert "tiep_nhan" in fires.value.needed
    assert no_cause.value.needed == ("root_cause",)
    assert entry.data["through"] == [
        "tiep_nhan",
        "xac_minh",
        "ung_cuu_ban_dau",
        "khoi_phuc",
        "cho_phe_duyet",
    ]
    assert office.row(incident).acknowledged_by == AN


def test_a_recovered_s1_is_not_closed_in_one_act(office: Office) -> None:
    """The short way is for the severities that the procedure names."""
    incident = office.fire(cause())
    office.recover(incident)

    with pytest.raises(Refused, match="No transition from canh_bao to ket_thuc"):
        office.command(incident, Close("Xong", "system-failures"))


def test_a_false_alarm_ends_with_its_reason_and_may_be_reopened(office: Office) -> None:
    """From the alert at once; reopening needs a reason and does not page by itself."""
    incident = office.fire(cause())
    with pytest.raises(Refused):
        office.command(incident, Move("khong_phai_su_co"))
    office.command(incident, Move("khong_phai_su_co", "Bảo trì có kế hoạch"))
    assert office.row(incident).ended
    office.command(incident, Move("xac_minh", "Đã lặp lại"))

    row = office.row(incident)
    assert (row.ended, row.stage, row.closed_at) == (False, "xac_minh", None)
    assert "reopened" in office.kinds(incident)


def test_a_closed_incident_is_not_reopened_after_thirty_days(office: Office) -> None:
    """Within 30 days it is; later it is another incident."""
    incident = office.fire(cause(**S4))
    office.recover(incident)
    office.command(incident, Close("Đã dọn", "system-failures"))
    office.after(days=33)

    with pytest.raises(Refused) as late:
        office.command(incident, Move("xac_minh", "Lại đầy"))
    assert late.value.needed == ("within",)


def test_a_duplicate_names_a_parent_that_exists(office: Office) -> None:
    """A code that nobody knows is refused, its own too."""
    first = office.fire(cause())
    second = office.fire(cause(2, dedup_key="other"))
    for parent in ("SC26-0099", "SC26-0002", ""):
        with pytest.raises(Refused) as refused:
            office.command(second, Move("trung_lap", fields={"parent": parent}))
        assert refused.value.needed == ("parent",)
    office.command(second, Move("trung_lap", fields={"parent": office.row(first).code}))

    assert office.row(second).stage == "trung_lap"


def test_a_machine_never_acknowledges_moves_or_closes(office: Office) -> None:
    """Only a person does; the refusal says so in Vietnamese."""
    incident = office.fire(cause())
    for command in (Acknowledge(), Note("x"), Move("tiep_nhan"), Close("x", "human-errors")):
        with pytest.raises(Refused) as refused:
            office.command(incident, command, "machine:collector")
        assert refused.value.reason_vi.startswith("Chỉ con người")
    assert office.kinds(incident) == ["opened", "notified"]


def test_a_late_recovery_of_an_ended_incident_is_harmless(office: Office) -> None:
    """It is kept in the file; nobody is told, nothing opens again."""
    incident = office.fire(cause())
    office.command(incident, Move("khong_phai_su_co", "Thử nghiệm"))
    office.recover(incident)
    office.recover(incident)
    office.recover(incident, 99)

    assert office.kinds(incident)[-1] == "alert_recovered"
    assert office.sent() == [(0, "page", "first")]
    assert office.row(incident).ended


def test_a_new_fault_after_the_end_is_a_new_incident(office: Office) -> None:
    """The cause is free again once its incident ended."""
    incident = office.fire(cause())
    office.command(incident, Move("khong_phai_su_co", "Thử nghiệm"))

    assert office.fire(cause(2)) != incident


def test_a_person_reports_by_hand(office: Office) -> None:
    """It pages like any other; a report from the future or from a machine is refused."""
    report = HandReport("kt_duong_truyen", "000.02", "Xã An Phú", "Mất mạng", T0, scope="P2")
    incident = office.do(lambda tx: office.desk.open_by_hand(tx, report, AN, T0))
    assert office.row(incident).severity == "S2"
    assert office.sent() == [(0, "page", "first")]

    for actor, now in (("machine:x", T0), (AN, T0 - timedelta(seconds=1))):
        with pytest.raises(Refused):
            office.do(lambda tx, a=actor, n=now: office.desk.open_by_hand(tx, report, a, n))


def test_a_person_raises_but_does_not_lower(office: Office) -> None:
    """Raising pages and moves the acknowledge deadline; lowering needs the commander."""
    incident = office.fire(cause(**S4))
    office.command(incident, Raise("I3", "P4", "Lõi đã dừng"))
    with pytest.raises(Refused) as lower:
        office.command(incident, Raise("I1", "P1", "Nhầm"))

    assert lower.value.needed == ("chi_huy",)
    assert office.sent()[-1] == (0, "page", "severity_raised")
    assert office.row(incident).acknowledge_due_at == T0 + timedelta(minutes=5)


def test_allowed_lists_the_buttons_of_the_stage(office: Office) -> None:
    """What is offered is what the command accepts; a machine is offered nothing."""
    incident = office.fire(cause(**S4))
    office.recover(incident)

    def allowed(actor: str) -> list[tuple[str, str]]:
        found = office.do(lambda tx: office.desk.look(tx, incident, actor, office.now)[1])
        return [(action.kind, action.stage) for action in found if action.group == "move"]

    assert allowed(AN) == [
        ("acknowledge", "tiep_nhan"),
        ("move", "khong_phai_su_co"),
        ("move", "trung_lap"),
        ("close", ""),
    ]
    assert allowed("machine:collector") == []


def test_every_timeline_verifies_and_its_projection_follows(office: Office) -> None:
    """After all of it the chain is whole and the row ends where the chain ends."""
    incident = office.fire(cause())
    office.after(minutes=7)
    office.fire(cause(2, unit="000.02"))
    office.command(incident, Note("Đã gọi nhà mạng"))
    office.recover(incident)
    office.recover(incident, 2)

    chain = office.db.read_now(lambda c: stored_timeline(c, incident))
    row = office.row(incident)
    assert verify_chain(chain, code=row.code) is None
    assert (row.last_seq, row.last_hash) == (chain[-1].seq, chain[-1].hash)


def test_a_refused_command_writes_nothing(office: Office) -> None:
    """Neither entry nor message nor number."""
    incident = office.fire(cause())
    with pytest.raises(Refused):
        office.command(incident, Move("khac_phuc"))
    with pytest.raises(NoSuchIncident):
        office.command(99, Acknowledge())

    assert office.kinds(incident) == ["opened", "notified"]


class Interrupted(DeskStore):
    """A store in which somebody else writes an entry just before us, `times` times."""

    def __init__(self, inner: DeskStore, office: Office, incident: int, times: int) -> None:
        super().__init__(inner._connection)
        self.office, self.incident, self.times = office, incident, times

    def timeline(self, incident: int, *, lock: bool) -> Any:
        loaded = super().timeline(incident, lock=lock)
        if self.times:
            self.times -= 1
            other = DeskStore(self._connection)
            self.office.desk.command(other, incident, Note("xen vào"), BINH, self.office.now)
        return loaded


def test_desk_decides_again_when_somebody_wrote_first(office: Office) -> None:
    """A place that is taken is never written twice: load again, decide again, three times."""
    incident = office.fire(cause())

    with pytest.raises(Conflict):
        office.do(
            lambda tx: office.desk.command(
                Interrupted(tx, office, incident, times=3), incident, Acknowledge(), AN, T0
            )
        )
    assert office.kinds(incident) == ["opened", "notified"]
    office.command(incident, Acknowledge())
    assert office.kinds(incident)[-1] == "acknowledged"


def test_desk_goes_on_when_one_incident_cannot_be_judged(office: Office) -> None:
    """A broken file is put off an hour; the clocks of the others run."""
    broken = office.fire(cause(1, dedup_key="a"))
    office.fire(cause(2, dedup_key="b"))

    class Broken(DeskStore):
        def timeline(self, incident: int, *, lock: bool) -> Any:
            if incident == broken:
                raise ValueError("an incident without entries")
            return super().timeline(incident, lock=lock)

    office.now = T0 + timedelta(minutes=4)
    office.do(lambda tx: office.desk.turn(Broken(tx._connection), office.now))

    assert office.sent()[-1] == (4, "page", "deadline_warning")
    assert office.row(broken).next_turn_at == office.now + timedelta(hours=1)


def test_desks_of_two_processes_open_one_incident_of_one_cause(office: Office) -> None:
    """Many alerts of one cause at once from many connections: one incident, a gapless file."""
    writers = [Database(office.db.engine) for _ in range(4)]
    told = iter(range(1, 25))
    lock = threading.Lock()

    def write(db: Database) -> list[int]:
        found = []
        for _ in range(6):
            with lock:
                number = next(told)
            alert = cause(number)
            found.append(
                db.write_now(lambda c, x=alert: office.desk.alert_fired(DeskStore(c), x, T0))
            )
        return found

    with ThreadPoolExecutor(len(writers)) as pool:
        opened = {incident for found in pool.map(write, writers) for incident in found}
    for db in writers:
        db._jobs.put(None)

    (incident,) = opened
    chain = office.db.read_now(lambda c: stored_timeline(c, incident))
    assert verify_chain(chain, code="SC26-0001") is None
    assert [entry.kind for entry in chain].count("alert_joined") == 23
    assert office.sent() == [(0, "page", "first")]
