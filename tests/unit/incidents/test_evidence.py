"""Required evidence by severity, nature and class; custody; a kind waived with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from incidents.commands import Custody, TakeIn, Waive
from incidents.conditions import Refused
from incidents.evidence import missing_evidence
from incidents.incident import Incident, fold
from tests.builders import AN, BINH, PROCEDURE, T0, cause, desk
from tests.fakes import MemoryStore

DIGEST = "ab" * 32


class File:
    """One incident in memory."""

    def __init__(self, **changes: Any) -> None:
        self.desk, self.tx = desk(), MemoryStore()
        self.number = self.desk.alert_fired(self.tx, cause(**changes), T0)

    @property
    def state(self) -> Incident:
        return fold(self.tx.timeline(self.number, lock=False))

    def do(self, command: Any, actor: str = AN) -> Incident:
        self.desk.command(self.tx, self.number, command, actor, T0)
        return self.state

    def take(self, kind: str = "nhat_ky", sha256: str = DIGEST, **more: Any) -> Incident:
        fields = {"holder": "An", "place": "Tủ số 2", **more}
        wish = TakeIn(kind, sha256, 10, "text/plain", fields.pop("type", "text"), "a.log", **fields)
        return self.do(wish)


def missing(state: Incident) -> list[str]:
    return [required.code for required in missing_evidence(state, PROCEDURE)]


@pytest.mark.parametrize(
    ("severity", "class_code", "nature", "codes"),
    [
        ("S4", "kt_qua_tai", "ky_thuat", []),
        ("S3", "kt_qua_tai", "ky_thuat", ["nhat_ky", "cau_hinh", "anh"]),
        ("S1", "chiem_quyen", "an_ninh", ["nhat_ky", "cau_hinh", "anh", "anh_dia", "bat_goi"]),
        (
            "S1",
            "ma_doc",
            "an_ninh",
            ["nhat_ky", "cau_hinh", "anh", "anh_dia", "bat_goi", "mau_ma_doc"],
        ),
        ("S2", "ma_doc", "an_ninh", ["nhat_ky", "cau_hinh", "anh"]),
        ("S2", "kt_duong_truyen", "ky_thuat", ["nhat_ky", "cau_hinh", "anh", "duong_truyen"]),
        ("S3", "hn_hinh", "ky_thuat", ["nhat_ky", "cau_hinh", "anh", "phien"]),
        ("S1", "khong_co_loai_nay", "ky_thuat", ["nhat_ky", "cau_hinh", "anh"]),
    ],
)
def test_what_is_required_follows_severity_nature_and_class(
    severity: str, class_code: str, nature: str, codes: list[str]
) -> None:
    """The table of the procedure, for an empty file."""
    state = replace(File().state, severity=severity, class_code=class_code, nature=nature)
    assert missing(state) == codes


def test_a_piece_or_a_waiver_settles_its_kind_and_no_other() -> None:
    """Also when the piece was returned or destroyed since: it was in the file."""
    file = File()
    assert missing(file.take()) == ["cau_hinh", "anh"]
    assert missing(file.do(Waive("anh_chup", "không chụp được"))) == ["cau_hinh"]
    file.do(Custody(3, "destroyed", "Hội đồng", "Kho"))
    assert missing(file.state) == ["cau_hinh"]
    assert file.state.evidence[3].holding == "destroyed"


def test_custody_follows_from_hand_to_hand() -> None:
    """Who holds it and where is what the last event said; each event is an entry."""
    file = File()
    file.take()
    state = file.do(Custody(3, "handed_over", "Bình", "Phòng máy"), BINH)
    assert (state.evidence[3].holder, state.evidence[3].place) == ("Bình", "Phòng máy")
    assert file.do(Custody(3, "opened", "Bình")).evidence[3].holding == "held"
    assert file.do(Custody(3, "returned", "Chủ máy")).evidence[3].holding == "returned"
    with pytest.raises(Refused, match="not held any more"):
        file.do(Custody(3, "handed_over", "An"))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (Custody(1, "opened", "An"), "Entry 1 is no evidence"),
        (Custody(3, "opened", " "), "Who holds it is needed"),
        (Waive("mau_giam_sat", "x"), "Kinds of evidence"),
        (Waive("khong_co", "x"), "Kinds of evidence"),
        (Waive("nhat_ky", " "), "A reason is needed"),
    ],
)
def test_what_makes_no_sense_is_refused(command: Any, why: str) -> None:
    """With what is allowed in its place."""
    file = File()
    file.take()
    with pytest.raises(Refused, match=why):
        file.do(command)


def test_a_kind_is_waived_once() -> None:
    """The second time says so."""
    file = File()
    file.do(Waive("nhat_ky", "máy đã cài lại"))
    with pytest.raises(Refused, match="waived already"):
        file.do(Waive("nhat_ky", "x"))


def test_intake_asks_for_custody_where_the_severity_does() -> None:
    """S1 and S2 need a holder and a place; S4 does not."""
    with pytest.raises(Refused) as refused:
        File().take(place=" ")
    assert refused.value.needed == ("holder", "place")
    light = File(impact="I2", scope="P1")
    assert light.state.severity == "S4"
    assert light.take(holder="", place="").evidence


def test_intake_refuses_the_same_file_twice_and_the_wrong_type() -> None:
    """A malware sample only in an archive, a memory image not among photos."""
    file = File()
    file.take()
    with pytest.raises(Refused, match="in already, entry 3"):
        file.take()
    for kind, given in (("mau_ma_doc", "text"), ("anh_chup", "raw"), ("bat_goi", "image")):
        with pytest.raises(Refused, match="This kind takes"):
            file.take(kind, "cd" * 32, type=given)
    assert len(file.take("anh_dia", "ef" * 32, type="raw").evidence) == 2
