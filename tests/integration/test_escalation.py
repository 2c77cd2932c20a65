"""Levels on a real database: who is called when nobody answers, who passed on, who must still."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from collector.storage import oncall, schema
from collector.storage.desk_store import DeskStore, stored_timeline
from collector.storage.oncall import NewOverride
from incidents.commands import Acknowledge, Note, PassOn, Raise, Refused
from incidents.outbox import OF_DUTIES
from tests.builders import T0, cause, desk, policy
from tests.office import DeskDriver
from tests.switchboards import CHANNELS, CONTACTS, ESCALATION, SCHEDULES, switchboard

if TYPE_CHECKING:
    from collector.storage.database import Database
    from incidents.switchboard import Switchboard

AN, BINH, CHI = "person:an", "person:binh", "person:chi"
S3 = {"impact": "I2", "scope": "P2"}


class Office(DeskDriver):
    """A desk with levels, whose alerts are made one by one."""

    def __init__(self, db: Database, board: Switchboard, channels: str = CHANNELS) -> None:
        super().__init__(db, desk(policy(channels), switchboard=board))
        self.desk.people = board.people

    def fire(self, alert: int = 1, **changes: Any) -> int:
        told = cause(alert, **changes)
        return int(self.do(lambda tx: self.desk.alert_fired(tx, told, self.now)))

    def recover(self, incident: int) -> None:
        self.do(lambda tx: self.desk.alert_recovered(tx, incident, 1, self.now))

    def calls(self) -> list[tuple[int, str, str]]:
        """Minute, person and reason of every page that is not about a deadline."""
        deadline = {*OF_DUTIES, "deadline_warning", "deadline_missed"}
        return [(minute, who, why) for minute, who, why, _ in self.pages() if why not in deadline]

    def pages(self) -> list[tuple[int, str, str, str]]:
        """Minute, person, reason and channel of every page."""
        query = select(schema.outbox).order_by(schema.outbox.c.id)
        return [
            (
                round((row.created_at - T0).total_seconds() / 60),
                row.recipient,
                row.reason,
                row.channel,
            )
            for row in self.db.read_now(lambda c: c.execute(query).all())
            if row.kind == "page"
        ]

    def silent(self) -> list[tuple[str, str, str, int]]:
        """Person, reason, what it names and level of every decision not to tell."""
        made = schema.decisions
        query = select(made).where(made.c.notify.is_(False)).order_by(made.c.id)
        rows = self.db.read_now(lambda c: c.execute(query).all())
        return [(row.recipient, row.reason, row.detail, row.level) for row in rows]

    def kinds(self, incident: int) -> list[str]:
        return [e.kind for e in self.db.read_now(lambda c: stored_timeline(c, incident))]


@pytest.fixture
def office(db: Database) -> Office:
    return Office(db, switchboard())


def test_level_one_is_called_twice_then_level_two_then_three(office: Office) -> None:
    """Two unanswered calls five minutes apart step up; after the last level it begins anew."""
    office.fire()
    office.after(minutes=44)
    people = [(minute, who, why) for minute, who, why in office.calls()]
    assert [call for call in people if call[1] != "hook"] == [
        (0, "an", "first"),
        (5, "an", "repeat"),
        (5, "an", "repeat"),
        (10, "binh", "escalated"),
        (15, "binh", "repeat"),
        (20, "chi", "escalated"),
        (25, "chi", "repeat"),
        (30, "an", "repeat"),
        (35, "an", "repeat"),
        (35, "an", "repeat"),
        (40, "binh", "escalated"),
    ]


def test_the_second_call_goes_over_one_channel_more(office: Office) -> None:
    """The first call goes over the contact's first channel, every further one over one more."""
    office.fire()
    office.after(minutes=6)
    to_an = [(minute, channel) for minute, who, _, channel in office.pages() if who == "an"]
    assert to_an == [(0, "mail"), (5, "mail"), (5, "hook")]


def test_the_deadline_goes_to_the_backup_then_the_commander(office: Office) -> None:
    """At 80 % of the time to acknowledge the backup is told, when it is over the commander is."""
    office.fire()
    office.after(minutes=6)
    of_deadline = [page[:3] for page in office.pages() if page[2].startswith("deadline")]
    assert of_deadline == [(4, "binh", "deadline_warning"), (5, "chi", "deadline_missed")]


def test_an_acknowledgement_stops_it(office: Office) -> None:
    """Whoever acknowledges, nobody is called any more, and why is kept for who had been."""
    incident = office.fire()
    office.after(minutes=11).command(incident, Acknowledge(), BINH)
    before = office.calls()
    office.after(minutes=29)
    assert office.calls() == before
    stopped = {who for who, why, _, _ in office.silent() if why == "acknowledged"}
    assert stopped == {"an", "binh", "chi"}  # chi was told that the deadline was missed


def test_an_expired_acknowledgement_calls_again_level_by_level(office: Office) -> None:
    """Nothing follows for half an hour: who had it and level one are called, then level two."""
    incident = office.fire()
    office.after(minutes=1).command(incident, Acknowledge(), BINH)
    office.after(minutes=91)
    again = [call for call in office.calls() if call[0] > 1]
    assert again == [
        (31, "an", "acknowledgement_expired"),
        (31, "binh", "acknowledgement_expired"),
        (61, "binh", "acknowledgement_expired"),
        (91, "chi", "acknowledgement_expired"),
    ]


def test_whoever_acts_renews_the_acknowledgement(office: Office) -> None:
    """An entry of a person puts the expiry off, and levels begin anew when it expires again."""
    incident = office.fire()
    office.after(minutes=1).command(incident, Acknowledge(), AN)
    office.after(minutes=31).command(incident, Note("đang xử lý"), AN)
    office.after(minutes=31)
    expired = [(at, who) for at, who, why in office.calls() if why == "acknowledgement_expired"]
    assert expired == [(31, "an"), (62, "an")]


def test_pass_on(office: Office) -> None:
    """Who passes on is called no more; the next level is, at once, and steps up from there."""
    incident = office.fire()
    office.after(minutes=2).command(incident, PassOn("đang lái xe"), AN)
    office.after(minutes=11)
    assert office.calls() == [
        (0, "an", "first"),
        (2, "binh", "passed_on"),
        (7, "binh", "repeat"),
        (12, "chi", "escalated"),
    ]
    assert "passed_on" in office.kinds(incident)


def test_pass_on_at_the_last_level_begins_anew_and_says_so(office: Office) -> None:
    """The last one passes on: the first level is called, without whoever passed."""
    incident = office.fire()
    office.after(minutes=21).command(incident, PassOn(), CHI)
    assert office.calls()[-1] == (21, "an", "passed_on")


def test_who_has_it_passes_it_on(office: Office) -> None:
    """An acknowledged incident that is passed on calls until the next person acknowledges."""
    incident = office.fire()
    office.after(minutes=1).command(incident, Acknowledge(), AN)
    office.after(minutes=9).command(incident, PassOn(), AN)
    office.after(minutes=6)
    assert office.calls()[1:] == [(10, "binh", "passed_on"), (15, "binh", "passed_on")]
    office.command(incident, Acknowledge(), BINH)
    before = office.calls()
    office.after(minutes=20)
    assert office.calls() == before
    assert office.kinds(incident).count("acknowledged") == 1
    assert "also_acknowledged" in office.kinds(incident)


def test_nobody_passes_on_to_nobody(db: Database) -> None:
    """Where only one person can be called, passing on is refused and says why."""
    alone = "escalation: [{name: a, levels: [{targets: [{person: an}]}]}]\n"
    office = Office(db, switchboard(escalation=alone))
    incident = office.fire()
    with pytest.raises(Refused, match="Nobody but you"):
        office.command(incident, PassOn(), AN)
    with pytest.raises(Refused, match="neither called"):
        office.command(incident, PassOn(), BINH)


def test_all_must_acknowledge(db: Database) -> None:
    """Calls go on to who has not, for a reason of their own, until each of the level has."""
    both = ESCALATION.replace(
        "- targets: [{schedule: local}]",
        "- {targets: [{schedule: local, post: both}], all_must_acknowledge: true}",
    )
    office = Office(db, switchboard(escalation=both))
    incident = office.fire()
    office.after(minutes=1).command(incident, Acknowledge(), AN)
    office.after(minutes=10)
    assert office.calls() == [
        (0, "an", "first"),
        (0, "binh", "first"),
        (5, "binh", "acknowledgement_awaited"),
        (10, "chi", "acknowledgement_awaited"),
    ]
    with pytest.raises(Refused, match="already acknowledged"):
        office.command(incident, Acknowledge(), AN)
    office.command(incident, Acknowledge(), BINH)
    office.after(minutes=15)
    assert len(office.calls()) == 4


def test_who_is_called_in_place_of_another_answers_for_them(db: Database) -> None:
    """An acknowledgement of a later level stands in for those of the level who did not answer."""
    both = ESCALATION.replace(
        "- targets: [{schedule: local}]",
        "- {targets: [{schedule: local, post: both}], all_must_acknowledge: true}",
    )
    office = Office(db, switchboard(escalation=both))
    incident = office.fire()
    office.after(minutes=1).command(incident, Acknowledge(), AN)
    office.after(minutes=10).command(incident, Acknowledge(), CHI)
    before = office.calls()
    office.after(minutes=25)
    assert office.calls() == before


def test_a_gap_calls_the_next_level_at_once(db: Database) -> None:
    """Nobody on call: the decision says so, and level two is called in the same moment."""
    later = SCHEDULES.partition("  - name: huyen")[0].replace("2026-11-02", "2027-01-01")
    gap = later + "  - name: huyen" + SCHEDULES.partition("  - name: huyen")[2]
    office = Office(db, switchboard(schedules=gap))
    office.fire()
    assert office.calls() == [(0, "chi", "first")]
    assert office.silent() == [
        ("", "nobody_on_call", "tinh", 1),
        ("", "nobody_on_call", "tinh", 2),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("channels: [mail, hook], verified_on: 2026-11-01", "channels: []"), "no_channel"),
        (("verified_on: 2026-11-01", "valid_to: 2026-11-20"), "no_contact"),
    ],
)
def test_no_way_to_a_person_calls_the_next_level_at_once(
    db: Database, change: tuple[str, str], reason: str
) -> None:
    """A person without a valid contact or a channel is left behind with that reason."""
    office = Office(db, switchboard(contacts=CONTACTS.replace(*change)))
    office.fire()
    assert office.calls() == [(0, "binh", "first")]
    assert office.silent() == [("an", reason, "tinh", 1)]


def test_nobody_at_all_is_said_and_tried_again(db: Database) -> None:
    """Where no level has anybody, the file says so, and it is tried again later."""
    nobody = "escalation: [{name: a, levels: [{targets: [{role: kiem_tra}]}]}]\n"
    office = Office(db, switchboard(escalation=nobody))
    incident = office.fire()
    assert office.silent() == [("", "no_contact", "kiem_tra", 1)]
    office.after(minutes=25)
    assert office.calls() == []
    assert office.kinds(incident).count("nobody_reached") == 3


def test_the_static_list_is_told_of_every_call(db: Database) -> None:
    """Who stands in `channels.yaml` is told as before, whatever the level, by severity."""
    listed = CHANNELS.replace(
        "recipients: []", "recipients: [{name: Bảng tin, channel: hook, severities: [S1, S2]}]"
    )
    office = Office(db, switchboard(), listed)
    office.fire()
    office.after(minutes=11)
    told = [(at, why) for at, who, why in office.calls() if who == "Bảng tin"]
    assert told == [(0, "first"), (5, "repeat"), (10, "escalated")]


def test_the_region_is_called_first_then_the_province(office: Office) -> None:
    """A unit of a region with a schedule of its own calls there, then the province's backup."""
    office.fire(unit="000.02", **S3)
    office.after(minutes=61)
    assert [call[:2] for call in office.calls()] == [(0, "giang"), (30, "giang"), (60, "binh")]


def test_a_recovery_is_told_to_whoever_was_called(office: Office) -> None:
    """Recovery pauses the calls, and is told once to each who was called."""
    incident = office.fire()
    office.after(minutes=11)
    before = office.calls()
    office.recover(incident)
    office.after(minutes=30)
    assert office.calls() == before
    query = select(schema.outbox.c.recipient).where(schema.outbox.c.reason == "recovered")
    told = set(office.db.read_now(lambda c: c.execute(query).scalars().all()))
    assert {"an", "binh"} <= told


def test_a_raised_severity_begins_anew_and_tells_who_was_called(office: Office) -> None:
    """Raised while level two is called: level one and who was called are told, then it goes on."""
    incident = office.fire(**S3)
    office.after(minutes=61)
    assert [call[1] for call in office.calls()] == ["an", "an", "an", "binh"]
    office.command(incident, Raise("I3", "P4", "mất cả vùng"), CHI)
    assert sorted(office.calls()[4:]) == [
        (61, "an", "severity_raised"),
        (61, "binh", "severity_raised"),
    ]
    office.after(minutes=10)
    assert office.calls()[-1] == (71, "binh", "escalated")


def test_an_override_is_called(office: Office) -> None:
    """Who stands in for somebody is called in their place from then on."""
    new = NewOverride(
        "tinh", T0 - timedelta(hours=1), T0 + timedelta(hours=9), "an", "dung", "nghỉ", "u1"
    )
    office.db.write_now(lambda c: oncall.add_override(c, new, CHI, T0))
    office.fire()
    assert office.calls() == [(0, "dung", "first")]


def test_levels_are_those_of_when_it_began(office: Office) -> None:
    """A reload changes no incident's levels; schedules and contacts are those of today."""
    office.fire()
    other = ESCALATION.replace("[{schedule: province, post: backup}]", "[{person: dung}]")
    changed = SCHEDULES.replace("[binh]", "[chi]")
    board = switchboard(escalation=other, schedules=changed)
    office.desk.adopt(office.desk.rulesets, office.desk.policy, board.people, T0, board)
    office.db.write_now(lambda c: office.desk.keep(DeskStore(c), office.now))
    office.after(minutes=10)
    assert office.calls()[-1] == (10, "chi", "escalated")


def test_duties_go_to_those_who_hold_the_role(office: Office) -> None:
    """A deadline at 80 % is told to the backup on call, at its end to the commander, by contact."""
    incident = office.fire()
    office.command(incident, Acknowledge(), AN)
    office.after(minutes=16)
    of_duty = [page[:3] for page in office.pages() if page[2] in OF_DUTIES]
    assert (8, "binh", "duty_due_soon") in of_duty
    assert (10, "chi", "duty_overdue") in of_duty


def test_a_role_that_nobody_holds_is_told_to_who_is_on_call(db: Database) -> None:
    """Without a commander whoever is on call hears of what is overdue, and the reason is kept."""
    nobody = CONTACTS.replace("{name: chi,", "{name: hoa, roles: [kiem_tra],")
    levels = ESCALATION.replace("{role: chi_huy}", "{person: dung}")
    office = Office(db, switchboard(contacts=nobody, escalation=levels))
    incident = office.fire()
    office.command(incident, Acknowledge(), AN)
    office.after(minutes=11)
    of_duty = [page[:3] for page in office.pages() if page[2] in OF_DUTIES]
    assert (10, "an", "duty_overdue") in of_duty
    assert ("", "no_contact", "chi_huy", 0) in office.silent()


def test_a_deputy_is_called_beside_whom_they_deputise_for(db: Database) -> None:
    """Whoever deputises for the commander is called with the commander, while it holds."""
    named = (
        "deputies:\n  - {for: chi, by: dung, from: 2026-11-23, until: 2026-11-24, "
        'decision: "12-QĐ/VP"}\n'
    )
    office = Office(db, switchboard(deputies=named))
    office.fire()
    office.after(minutes=21)
    assert [call for call in office.calls() if call[0] == 20] == [
        (20, "chi", "escalated"),
        (20, "dung", "escalated"),
    ]


def test_what_waits_for_the_morning_lets_its_level_wait(office: Office) -> None:
    """At night nobody is called again for what wakes nobody; whoever got the page in the morning
    has the time to answer, and the next level is called when people are at work."""
    office.now = T0 + timedelta(days=2, hours=13)  # ten at night
    office.fire(**S3)
    office.after(hours=9, minutes=59)
    assert [call[1:] for call in office.calls()] == [("an", "first")]
    query = select(schema.outbox.c.due_at).where(schema.outbox.c.reason == "first")
    leaves_at = office.db.read_now(lambda c: c.execute(query).scalar())
    assert leaves_at == T0 + timedelta(days=2, hours=21, minutes=30)  # half past six
    office.after(minutes=2)
    at_work = round(timedelta(days=2, hours=23) / timedelta(minutes=1))
    assert office.calls()[-1] == (at_work, "binh", "escalated")


def test_who_was_on_call_is_what_was_known_then(office: Office) -> None:
    """Schedules of the past come from what was kept; an override counts from when it was made."""
    board = office.desk.switchboard
    assert oncall_name(office, T0) == ""
    office.do(lambda tx: office.desk.keep(tx, T0))
    assert oncall_name(office, T0) == "tinh"
    office.db.write_now(
        lambda c: oncall.keep_oncall(
            c, switchboard(schedules="").oncall, office.now + timedelta(days=1)
        )
    )
    assert oncall_name(office, T0) == "tinh"
    assert oncall_name(office, T0 + timedelta(days=2)) == ""
    office.db.write_now(
        lambda c: oncall.keep_oncall(c, board.oncall, office.now + timedelta(days=3))
    )
    assert oncall_name(office, T0 + timedelta(days=4)) == "tinh"


def keep(office: Office, board: Switchboard, *, days: int) -> None:
    """Let other schedules come into force some days later."""
    at = T0 + timedelta(days=days)
    office.db.write_now(lambda c: oncall.keep_oncall(c, board.oncall, at))


def oncall_name(office: Office, at: Any) -> str:
    """The first schedule that was in force at an instant."""
    found = office.db.read_now(lambda c: oncall.oncall_at(c, at))
    return next(iter(found.schedules), "")
