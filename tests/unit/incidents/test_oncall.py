"""Who is on call: shifts tile time, rotations turn, overrides never open a gap unseen."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.oncall import GapKind, Override, Why, gaps, on_call, shifts_between
from incidents.oncall_file import Known, Oncall, kept_oncall, load_oncall
from incidents.oncall_schedules import Schedule
from incidents.yaml_problems import InvalidDocument

CONTACTS = "contacts: [{name: an}, {name: binh}, {name: chi}, {name: dung}]\n"
TET = frozenset({date(2027, 2, 6), date(2027, 2, 7)})
ONE_DAY = timedelta(days=1)


def oncall(schedules: str) -> Oncall:
    """Return a file of these schedules and four contacts."""
    return load_oncall(CONTACTS + "schedules:\n" + schedules, file="oncall.yaml")


def schedule(text: str = "", layers: str = "") -> Schedule:
    """Return one schedule: a weekly rotation of two, with a backup, unless said otherwise."""
    layers = layers or (
        "{persons: [an, binh], start: 2026-11-02}, "
        "{persons: [chi, dung], start: 2026-11-02, post: backup}"
    )
    (found,) = oncall(f"  - {{name: tinh, layers: [{layers}]{text}}}\n").schedules.values()
    return found


def local(text: str) -> datetime:
    """Return an instant by the clocks of Việt Nam."""
    return datetime.fromisoformat(text + "+07:00").astimezone(UTC)


def out(person: str, start: str, end: str, stand_in: str = "") -> Override:
    """Return an override of every schedule."""
    return Override("1", "", local(start), local(end), person, stand_in)


def holders(found: Schedule, *at: str, overrides: list[Override] | None = None) -> list[str]:
    """Return who is called first at each instant."""
    return [on_call(found, overrides or [], TET, local(one)).primary.person for one in at]


def test_weekly() -> None:
    """A week begins at the handover of the first day; the night before belongs to the old turn."""
    found = schedule()
    at = ["2026-11-02T07:00", "2026-11-09T06:59", "2026-11-09T07:00", "2026-11-16T07:00"]
    assert holders(found, *at) == ["an", "an", "binh", "an"]
    shift = on_call(found, [], TET, local("2026-11-09T06:59"))
    assert (shift.name, shift.starts_at) == ("đêm", local("2026-11-08T19:00"))
    assert shift.backup.person == "chi"


def test_daily_on_weekdays_starves_nobody() -> None:
    """On weekdays alone the turn passes from Friday to Monday, and everybody gets every weekday."""
    found = schedule(
        layers="{persons: [dung], start: 2026-11-02, "
        "weekdays: [mon, tue, wed, thu, fri]}, "
        "{persons: [an, binh, chi], rotation: daily, start: 2026-11-02, "
        "weekdays: [mon, tue, wed, thu, fri], post: backup}"
    )
    mondays = [f"2026-11-{day:02d}T08:00" for day in (2, 9, 16)]
    found_backups = [on_call(found, [], TET, local(at)).backup.person for at in mondays]
    assert found_backups == ["an", "chi", "binh"]
    friday, monday = "2026-11-06T08:00", "2026-11-09T08:00"
    assert [on_call(found, [], TET, local(at)).backup.person for at in (friday, monday)] == [
        "binh",
        "chi",
    ]
    assert on_call(found, [], TET, local("2026-11-07T08:00")).primary.why is Why.NOBODY


def test_turns_counted_in_shifts() -> None:
    """A turn of one shift passes from day to night, one of three after a day and a half."""
    found = schedule(layers="{persons: [an, binh], rotation: {shifts: 1}, start: 2026-11-02}")
    assert holders(found, "2026-11-02T08:00", "2026-11-02T20:00", "2026-11-03T08:00") == [
        "an",
        "binh",
        "an",
    ]
    found = schedule(layers="{persons: [an, binh], rotation: {shifts: 3}, start: 2026-11-02}")
    at = ["2026-11-02T08:00", "2026-11-03T08:00", "2026-11-03T20:00", "2026-11-05T08:00"]
    assert holders(found, *at) == ["an", "an", "binh", "an"]


def test_a_later_layer_holds_and_holidays_have_a_rotation_of_their_own() -> None:
    """A holiday shift is flagged, and goes to the layer for holidays where there is one."""
    found = schedule(
        layers="{persons: [an], start: 2026-11-02}, "
        "{persons: [chi, dung], rotation: daily, start: 2026-11-02, holidays: only}, "
        "{persons: [binh], start: 2026-11-02, shifts: [đêm], weekdays: [sat]}"
    )
    first = on_call(found, [], TET, local("2027-02-06T08:00"))
    assert (first.primary.person, first.primary.why, first.is_holiday) == ("chi", Why.HOLIDAY, True)
    assert holders(found, "2027-02-07T08:00", "2027-02-08T08:00") == ["dung", "an"]
    assert holders(found, "2027-01-30T20:00", "2027-01-31T08:00") == ["binh", "an"]


def test_nobody_before_the_rota_begins() -> None:
    """Before its first day a rotation covers nothing, and that is a gap."""
    found = schedule()
    (gap,) = gaps(found, [], TET, local("2026-11-01T07:00"), local("2026-11-03T07:00"))
    assert (gap.kind, gap.ends_at) == (GapKind.NOBODY, local("2026-11-02T07:00"))


def test_an_override_and_an_absence() -> None:
    """Who stands in is named with whose turn it is; in an absence the backup steps up."""
    found = schedule()
    given = [out("an", "2026-11-03T12:00", "2026-11-03T18:00", "dung")]
    shift = on_call(found, given, TET, local("2026-11-03T12:00"))
    assert (shift.primary.person, shift.primary.why) == ("dung", Why.OVERRIDE)
    assert (shift.primary.instead_of, shift.ends_at) == ("an", local("2026-11-03T18:00"))
    assert holders(found, "2026-11-03T18:00", overrides=given) == ["an"]
    given = [out("an", "2026-11-03T12:00", "2026-11-04T12:00")]
    shift = on_call(found, given, TET, local("2026-11-03T20:00"))
    assert (shift.primary.person, shift.primary.why) == ("chi", Why.STEPPED_UP)
    assert shift.backup.why is Why.ABSENT
    (gap,) = gaps(found, given, TET, local("2026-11-03T07:00"), local("2026-11-05T07:00"))
    assert (gap.kind, gap.starts_at, gap.ends_at) == (
        GapKind.NO_BACKUP,
        local("2026-11-03T12:00"),
        local("2026-11-04T12:00"),
    )


def test_who_backs_himself_is_no_backup() -> None:
    """One person in both posts leaves the second one empty."""
    found = schedule()
    given = [out("an", "2026-11-03T12:00", "2026-11-03T18:00", "Chi")]
    shift = on_call(found, given, TET, local("2026-11-03T12:00"))
    assert (shift.primary.person, shift.backup.person) == ("Chi", "")
    assert shift.backup.why is Why.SAME_PERSON


def test_an_unnamed_override_takes_the_first_post_alone() -> None:
    """Without a name it is whoever is called first; the last one given holds."""
    found = schedule()
    given = [
        out("", "2026-11-03T07:00", "2026-11-04T07:00", "dung"),
        out("dung", "2026-11-03T07:00", "2026-11-03T19:00", "binh"),
    ]
    assert holders(found, "2026-11-03T08:00", "2026-11-03T20:00", overrides=given) == [
        "binh",
        "dung",
    ]


def test_who_cannot_be_reached_is_a_gap_too() -> None:
    """A person on call without a contact that holds is warned of by name."""
    found = schedule()
    start = local("2026-11-02T07:00")
    reachable = frozenset({"an", "chi", "dung"})
    (gap,) = gaps(found, [], TET, start, start + 14 * ONE_DAY, reachable=reachable)
    assert (gap.kind, gap.person) == (GapKind.UNREACHABLE, "binh")
    assert gap.ends_at - gap.starts_at == 7 * ONE_DAY


def test_hours_left_open_on_purpose_are_no_gap() -> None:
    """A schedule of office hours says so; outside of them nobody is on call and nobody warned."""
    office = ", partial: true, needs_backup: false, shifts: [{name: a, from: '07:00', to: '17:00'}]"
    found = schedule(office, layers="{persons: [an], start: 2026-11-02}")
    start = local("2026-11-02T07:00")
    assert gaps(found, [], TET, start, start + 30 * ONE_DAY) == []
    assert on_call(found, [], TET, local("2026-11-03T18:00")).primary.why is Why.OUTSIDE


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_a_change_of_the_clocks_moves_no_shift(zone: str) -> None:
    """Over both changes of a year shifts begin at the same wall time, and tile the time."""
    found = schedule(f", zone: {zone}")
    start, end = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
    shifts = shifts_between(found, [], frozenset(), start, end)
    assert all(one.ends_at == two.starts_at for one, two in itertools.pairwise(shifts))
    assert {one.starts_at.astimezone(ZoneInfo(zone)).hour for one in shifts} == {7, 19}


NAMES = st.sampled_from(["", "an", "binh", "chi", "dung"])
HOURS = st.integers(0, 24 * 40)
FROM = datetime(2026, 10, 20, tzinfo=UTC)


@st.composite
def overrides(draw: st.DrawFn) -> Override:
    """An override somewhere in forty days."""
    start = draw(HOURS)
    length = draw(st.integers(1, 24 * 10))
    name, stand_in = draw(NAMES), draw(NAMES)
    ends_at = FROM + timedelta(hours=start + length, minutes=draw(st.integers(0, 59)))
    return Override("x", "", FROM + timedelta(hours=start), ends_at, name, stand_in)


ZONES = st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/St_Johns"])
SHIFTS = st.sampled_from(
    [
        "[{name: a, from: '07:00', to: '19:00'}, {name: b, from: '19:00', to: '07:00'}]",
        "[{name: a, from: '00:00', to: '00:00'}]",
        "[{name: a, from: '02:30', to: '03:00'}, {name: b, from: '03:00', to: '02:30'}]",
        (
            "[{name: a, from: '06:00', to: '14:00'}, {name: b, from: '14:00', to: '22:00'}, "
            "{name: c, from: '22:00', to: '06:00'}]"
        ),
    ]
)
ROTATIONS = st.sampled_from(["daily", "weekly", "{shifts: 1}", "{shifts: 5}"])


@settings(max_examples=150, deadline=None)
@given(ZONES, SHIFTS, ROTATIONS, st.lists(overrides(), max_size=5), HOURS, HOURS)
def test_time_is_tiled_and_no_gap_is_silent(
    zone: str, shifts: str, rotation: str, given_: list[Override], first: int, length: int
) -> None:
    """Whatever overrides there are, every instant lies in one piece; without a holder it is a gap.

    And the piece of an instant is the same, whether it is asked for alone or within a longer time.
    """
    layers = (
        f"{{persons: [an, binh, chi], rotation: {rotation}, start: 2026-11-02}}, "
        f"{{persons: [chi, dung], rotation: {rotation}, start: 2026-11-02, post: backup}}"
    )
    found = schedule(f", zone: {zone}, shifts: {shifts}", layers)
    start = FROM + timedelta(hours=first)
    end = start + timedelta(hours=length + 1)
    pieces = shifts_between(found, given_, TET, start, end)
    assert pieces[0].starts_at <= start
    assert pieces[-1].ends_at >= end
    assert all(one.ends_at == two.starts_at for one, two in itertools.pairwise(pieces))
    wrong = gaps(found, given_, TET, start, end)
    for piece in pieces:
        at = max(piece.starts_at, start)
        assert on_call(found, given_, TET, at) == piece
        here = {gap.kind for gap in wrong if gap.starts_at <= at < gap.ends_at}
        assert (GapKind.NOBODY in here) == (not piece.primary.person)
        assert (GapKind.NO_BACKUP in here) == bool(piece.primary.person and not piece.backup.person)


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("{name: a, layers: []}", "layers", "at least one"),
        ("{name: local, layers: [{persons: [an], start: 2026-11-02}]}", "name", "meaning"),
        ("{name: a, layers: [{persons: [la], start: 2026-11-02}]}", "layers[0].persons[0]", "'la'"),
        (
            "{name: a, layers: [{persons: [an], start: 2026-11-02, handover: '08:00'}]}",
            "layers[0].handover",
            "07:00, 19:00",
        ),
        (
            "{name: a, layers: [{persons: [an], start: 2026-11-02, shifts: [x]}]}",
            "layers[0].shifts[0]",
            "ngày",
        ),
        (
            "{name: a, zone: GMT+7x, layers: [{persons: [an], start: 2026-11-02}]}",
            "zone",
            "name of a zone",
        ),
        (
            (
                "{name: a, shifts: [{name: x, from: '7:00', to: '19:00'}], "
                "layers: [{persons: [an], start: 2026-11-02}]}"
            ),
            "shifts[0].from",
            "'07:00'",
        ),
        (
            (
                "{name: a, shifts: [{name: x, from: '07:00', to: '17:00'}], "
                "layers: [{persons: [an], start: 2026-11-02}]}"
            ),
            "shifts[0].to",
            "partial",
        ),
        (
            (
                "{name: a, shifts: [{name: x, from: '07:00', to: '20:00'}, "
                "{name: y, from: '19:00', to: '07:00'}], "
                "layers: [{persons: [an], start: 2026-11-02}]}"
            ),
            "shifts[0].to",
            "overlaps",
        ),
        (
            (
                "{name: a, layers: [{persons: [an], start: 2026-11-02}], "
                "overrides: [{from: 2026-11-03, until: 2026-11-04 07:00, out: an}]}"
            ),
            "overrides[0].from",
            "a day and a time",
        ),
        (
            (
                "{name: a, layers: [{persons: [an], start: 2026-11-02}], "
                "overrides: [{from: 0001-01-01 00:00, until: 2026-11-04 07:00, out: an}]}"
            ),
            "overrides[0].from",
            "a day and a time",
        ),
        (
            (
                "{name: a, layers: [{persons: [an], start: 2026-11-02}], "
                "overrides: [{from: 2026-11-04 07:00, until: 2026-11-03 07:00, out: an}]}"
            ),
            "overrides[0].until",
            "after",
        ),
        (
            (
                "{name: a, layers: [{persons: [an], start: 2026-11-02}], "
                "overrides: [{from: 2026-11-03 07:00, until: 2026-11-04 07:00}]}"
            ),
            "overrides[0]",
            "who is out",
        ),
        (
            "{name: a, regions: [x], layers: [{persons: [an], start: 2026-11-02}]}",
            "regions[0]",
            "Đông",
        ),
    ],
)
def test_mistakes(text: str, field: str, said: str) -> None:
    """Each mistake is named with its field."""
    with pytest.raises(InvalidDocument) as caught:
        load_oncall(
            f"{CONTACTS}schedules:\n - {text}\n", file="oncall.yaml", known=Known(regions={"Đông"})
        )
    (problem,) = caught.value.problems
    assert problem.field == f"schedules[0].{field}"
    assert problem.line == 3
    assert said in problem.message_en


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("{name: a, levels: [{targets: [{}]}]}", "levels[0].targets[0]", "exactly one"),
        (
            "{name: a, levels: [{targets: [{person: la}]}]}",
            "levels[0].targets[0].person",
            "no contact",
        ),
        (
            "{name: a, levels: [{targets: [{schedule: x}]}]}",
            "levels[0].targets[0].schedule",
            "local, province",
        ),
        ("{name: a, levels: [{targets: [{role: x}]}]}", "levels[0].targets[0].role", "chi_huy"),
        ("{name: a, levels: [{targets: [{person: an}], after: 5m}]}", "levels[0].after", "at once"),
        ("{name: a, natures: [x], levels: [{targets: [{person: an}]}]}", "natures", "ky_thuat"),
    ],
)
def test_mistakes_in_levels(text: str, field: str, said: str) -> None:
    """A level that names nobody there is refused when it is read, not at two in the morning."""
    known = Known(roles={"chi_huy"}, natures={"ky_thuat"})
    with pytest.raises(InvalidDocument) as caught:
        load_oncall(f"{CONTACTS}escalation:\n - {text}\n", file="oncall.yaml", known=known)
    (problem,) = caught.value.problems
    assert problem.field == f"escalation[0].{field}"
    assert said in problem.message_en


def test_the_worst_severities_are_always_called_for() -> None:
    """With schedules, an S1 or S2 that no policy is about is a mistake of the file."""
    layer = "schedules: [{name: a, layers: [{persons: [an], start: 2026-11-02}]}]\n"
    to_an = "levels: [{targets: [{person: an}]}]"
    some = (
        f"escalation: [{{name: x, severities: [S1], {to_an}}}, {{name: y, regions: [r], {to_an}}}]"
    )
    with pytest.raises(InvalidDocument, match="not every S2 is called for"):
        load_oncall(CONTACTS + layer + some, file="oncall.yaml")
    load_oncall(CONTACTS + layer, file="oncall.yaml")


def test_what_is_kept_says_who_was_on_call() -> None:
    """Schedules and levels come back from their content; telephone numbers are not in it."""
    now = oncall("  - {name: tinh, layers: [{persons: [an, binh], start: 2026-11-02}]}\n")
    then = kept_oncall(now.content)
    at = local("2026-11-10T20:00")
    assert on_call(then.schedules["tinh"], [], TET, at) == on_call(
        now.schedules["tinh"], [], TET, at
    )
    assert then.digest == now.digest
    assert "contacts" not in now.content
    assert then.file.escalation == now.file.escalation
