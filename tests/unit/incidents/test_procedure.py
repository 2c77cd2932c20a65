"""The procedure as data: the shipped one, and what is said about a wrong one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from incidents.procedure import load_procedure
from incidents.procedures import shipped, shipped_text
from incidents.vietnamese import ZONE
from incidents.yaml_lines import InvalidDocument

PROCEDURE = shipped()
TEXT = shipped_text()
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("impact", "severities"),
    [
        ("I1", ["S4", "S4", "S3", "S3"]),
        ("I2", ["S4", "S3", "S3", "S2"]),
        ("I3", ["S3", "S2", "S2", "S1"]),
        ("I4", ["S2", "S2", "S1", "S1"]),
    ],
)
def test_severity_is_impact_times_scope(impact: str, severities: list[str]) -> None:
    """The matrix of the procedure, cell by cell."""
    assert [PROCEDURE.severity(impact, f"P{p}") for p in (1, 2, 3, 4)] == severities


@given(st.sampled_from("1234"), st.sampled_from("1234"), st.sampled_from("1234"))
def test_severity_never_falls_when_impact_or_scope_grows(i: str, p: str, q: str) -> None:
    """A wider scope is never milder."""
    narrow, wide = sorted((f"P{p}", f"P{q}"))

    assert not PROCEDURE.is_higher(
        PROCEDURE.severity(f"I{i}", narrow), PROCEDURE.severity(f"I{i}", wide)
    )


@pytest.mark.parametrize(
    ("severity", "minutes"), [("S1", 5), ("S2", 10), ("S3", 30), ("S4", 5 * 60)]
)
def test_acknowledging_is_due_by_severity(severity: str, minutes: int) -> None:
    """5, 10, 30 minutes elapsed; S4 has 4 working hours (noon: the break does not count)."""
    due = PROCEDURE.due_at("ack", severity, NOON)

    assert due == NOON + timedelta(minutes=minutes)


def test_a_severity_without_a_clock_has_no_due_instant() -> None:
    """Rows that stand on a daily list, and empty cells, give no instant."""
    assert PROCEDURE.due_at("notify_commander", "S4", NOON) is None
    assert PROCEDURE.due_at("bca_24h", "S4", NOON) is None
    assert PROCEDURE.warn_at("update", "S4", NOON) is None


def test_shipped_procedure_holds_all_classes_stages_deadlines_and_roles() -> None:
    """Nothing of the fact sheet is missing, and nothing claims to be confirmed."""
    file = PROCEDURE.file

    assert (len(file.classes), len(file.stages), len(file.deadlines), len(file.roles)) == (
        30,
        12,
        16,
        12,
    )
    assert not file.confirmed
    assert {d.code for d in file.deadlines if d.mark == "rule"} == {
        "bca_24h",
        "bca_72h",
        "dlcn_72h",
        "legacy_5d",
    }


def test_allowed_transitions_are_those_of_the_page() -> None:
    """An alert may be taken, dismissed or joined; a duplicate stays one."""
    allowed = {s: [t.to for t in PROCEDURE.allowed_transitions(s)] for s in PROCEDURE.stages}

    assert allowed["canh_bao"] == ["tiep_nhan", "khong_phai_su_co", "trung_lap"]
    assert allowed["cho_phe_duyet"] == ["ket_thuc", "khac_phuc"]
    assert allowed["trung_lap"] == []


def test_the_short_way_walks_legal_moves_only() -> None:
    """From an alert to its end: every step is in the table, none leads through an end."""
    way = [t.to for t in PROCEDURE.way_to("canh_bao", "ket_thuc")]

    assert way == [
        "tiep_nhan",
        "xac_minh",
        "ung_cuu_ban_dau",
        "khoi_phuc",
        "cho_phe_duyet",
        "ket_thuc",
    ]
    assert PROCEDURE.way_to("trung_lap", "ket_thuc") == ()


@pytest.mark.parametrize(
    ("right", "wrong", "field", "message"),
    [
        ("{to: xac_minh}", "{to: xac_mink}", "stages[1].next[0].to", "'xac_mink' is not defined"),
        ("I2: {P1: S4, P2: S3,", "I2: {P1: S4,", "matrix.cells.I2", "I2 × P2 is missing"),
        ("I3: {P1: S3,", "I3: {P1: S9,", "matrix.cells.I3.P1", "'S9' is not defined"),
        ("code: do_quet", "code: ma_doc", "classes[2].code", "used twice"),
        ("nature: mat_ma", "nature: mat_me", "classes[26].nature", "'mat_me' is not defined"),
        ("to: trung_lap, needs", "to: tiep_nhan, needs", "stages[11].code", "cannot be reached"),
        ("S4: 4 wh}", "S4: 4 wk}", "deadlines[0].due.S4", "'4 wk' given"),
        ("who: truc_ca, mark", "who: truc_co, mark", "deadlines[0].who", "'truc_co' is not"),
        ("start: canh_bao", "start: nothing", "start", "'nothing' is not defined"),
        ("acknowledged: tiep_nhan", "acknowledged: khac_phuc", "acknowledged", "acknowledge"),
        ("needs: [parent]", "needs: [parents]", "stages[0].next[2].needs[0]", "'parents' given"),
        ("zone: Asia/Ho_Chi_Minh", "zone: Asia/Hue", "calendar.zone", "is not a zone"),
        ('"08:00-12:00"', '"12:00-08:00"', "calendar.hours[0].spans[0]", "after it starts"),
        ("valid_to: null", "valid_to: 2026-01-01", "", "before valid_from"),
        ("ends: true\n    next: []", "next: []", "stages[8].code", "never leads to an end"),
        ("\nconfirmed: false", "\nconfirmed: maybe", "confirmed", "'maybe' given"),
        ("{code: ack,", "{code: acc,", "deadlines", "'ack' is missing"),
        ("  S1: {vi: Đặc", "  S0: {vi: Đặc", "severities", "S0, S2, S3, S4 given"),
        ("title:", "titel:", "titel", "did you mean 'title'?"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(
    right: str, wrong: str, field: str, message: str
) -> None:
    """Every kind of contradiction says where it is and what is allowed."""
    count = -1 if "trung_lap" in right else 1
    broken = TEXT.replace(right, wrong, count)

    with pytest.raises(InvalidDocument) as caught:
        load_procedure(broken, file="procedure.yaml")

    found = [p for p in caught.value.problems if p.field == field and message in p.message_en]
    assert found, [str(p) for p in caught.value.problems]
    assert field == "" or found[0].line > 1


def test_the_shipped_file_is_what_any_yaml_reader_reads() -> None:
    """A province may read it with other tools: same classes, same order."""
    plain = yaml.safe_load(TEXT)

    assert [c["code"] for c in plain["classes"]] == list(PROCEDURE.classes)
