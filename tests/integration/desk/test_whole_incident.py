"""A whole S2 incident from alert to review, with each condition refused once on the way."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.integration.desk.office import AN, BINH, CHI, DUNG, KIEN, Office

if TYPE_CHECKING:
    from types import SimpleNamespace


async def test_an_s2_incident_from_alert_to_review(office: Office) -> None:
    """Every stage, every condition, every entry and the clocks they meet."""
    code = await office.from_alert(AN)
    detected_at = office.clock()
    await office.do(AN, code, "raise", impact="I3", scope="P2", reason="Cả đơn vị mất dịch vụ")
    file = await office.file(AN, code)
    assert file["incident"]["severity"] == "S2"

    # Acknowledged late: at twelve minutes, two after the term.
    await office.refused(KIEN, code, "ack", needed="truc_ca")
    await office.refused(AN, code, "move", stage="khac_phuc", needed="tiep_nhan")
    office.pass_time(minutes=12)
    await office.do(AN, code, "ack")
    ack = (await office.deadlines(code))["ack"]
    assert ack.due_at == detected_at + timedelta(minutes=10)
    assert ack.late_seconds == 120
    await office.refused(CHI, code, "ack")

    # Triage, the commander is told, and the decision on reporting.
    await office.do(AN, code, "move", stage="xac_minh")
    await office.do(AN, code, "tell", role="chi_huy", who="Chi", how="phone")
    await office.refused(AN, code, "tell", role="sep", who="Ai", how="phone", needed="role")
    await office.do(CHI, code, "tell", role="lanh_dao_vp", who="Dung", how="in_person")
    await office.refused(AN, code, "classify", nature="sai", reason="x", needed="nature")
    await office.do(AN, code, "classify", nature="an_ninh", reason="Có dấu hiệu bị tấn công")
    await office.refused(
        AN, code, "reportable", decision="yes", grounds=["nghiem_trong"], reason="x",
        needed="chi_huy",
    )  # fmt: skip
    await office.refused(CHI, code, "reportable", decision="yes", reason="x", needed="grounds")
    await office.refused(CHI, code, "reportable", decision="no", reason="x", needed="lanh_dao_vp")
    await office.do(
        CHI, code, "reportable", decision="yes", grounds=["nghiem_trong"], reason="Ngừng dịch vụ"
    )
    rows = await office.deadlines(code)
    assert rows["classify"].met_at == office.clock()
    assert rows["bca_24h"].due_at == detected_at + timedelta(hours=24)
    assert rows["bca_72h"].due_at == detected_at + timedelta(hours=72)

    # Evidence before isolation.
    await office.do(AN, code, "move", stage="ung_cuu_ban_dau")
    await office.refused(BINH, code, "contain", what="Rút dây mạng", needed="evidence_step")
    await office.refused(BINH, code, "preserve", waived=True, needed="reason")
    await office.do(BINH, code, "preserve", what="Ảnh màn hình, nhật ký", where="Tủ số 2")
    office.pass_time(minutes=20)
    await office.do(BINH, code, "contain", what="Rút dây mạng máy chủ")
    contained = await office.data(AN, code, "contained")
    assert contained == {"emergency": False, "before_evidence": False, "reason_due_at": None}
    assert (await office.deadlines(code))["contain"].met_at == office.clock()

    await office.do(CHI, code, "meet", deadline="internal_initial", how="Báo cáo nhanh")

    # A task that is done late, a pause that needs the commander.
    due = (office.clock() + timedelta(hours=1)).isoformat()
    await office.do(CHI, code, "task", what="Thay ổ cứng", owner="Bình", due=due)
    await office.do(AN, code, "move", stage="khac_phuc")
    await office.refused(AN, code, "move", stage="tam_dung", reason="Chờ máy", needed="chi_huy")
    await office.refused(CHI, code, "move", stage="tam_dung", needed="reason")
    await office.do(CHI, code, "move", stage="tam_dung", reason="Chờ nhà cung cấp")
    assert (await office.deadlines(code))["fix"].paused_since == office.clock()
    assert (await office.deadlines(code))["bca_24h"].paused_since is None
    office.pass_time(hours=2)
    overdue = await office.get(AN, "/api/v1/tasks", state="overdue")
    assert [(task["incident"], task["owner"]) for task in overdue["items"]] == [
        (code, "person:Bình")
    ]
    await office.do(AN, code, "move", stage="khac_phuc")
    await office.do(BINH, code, "task_done", task=1, result="Đã thay")
    assert (await office.data(AN, code, "task_done"))["late"] is True

    # Recovery; the end is refused while anything is missing.
    await office.do(AN, code, "move", stage="khoi_phuc")
    await office.refused(AN, code, "move", stage="cho_phe_duyet", needed="root_cause")
    office.pass_time(hours=24)
    await office.do(
        AN, code, "move", stage="cho_phe_duyet", fields={"root_cause": "system-failures"}
    )
    end = {"reason": "Đã khôi phục", "root_cause": "system-failures"}
    await office.refused(CHI, code, "close", needed="lanh_dao_vp", **end)
    await office.refused(DUNG, code, "close", needed="reports_sent", **end)
    await office.refused(DUNG, code, "meet", deadline="bca_24h", how="Công văn", needed="document")
    await office.do(
        DUNG, code, "meet", deadline="bca_24h", how="Công văn", told="Công an tỉnh",
        document="15-CV/VPTU",
    )  # fmt: skip
    assert (await office.deadlines(code))["bca_24h"].late_seconds > 0
    await office.refused(
        DUNG, code, "close", needed="reason", reason=" ", root_cause="human-errors"
    )
    await office.do(CHI, code, "move", stage="khac_phuc", reason="Còn một dịch vụ chưa chạy")
    await office.do(AN, code, "move", stage="khoi_phuc")
    await office.do(AN, code, "move", stage="cho_phe_duyet")
    await office.refused(DUNG, code, "close", needed="evidence.nhat_ky", **end)
    await office.refused(CHI, code, "waive", kind="nhat_ky", reason=" ", needed="reason")
    log = b"Nov 23 09:00:00 may-chu kernel: I/O error\n"
    await office.hand_in(AN, code, "nhat_ky", "anh.png", log, status=409)
    taken = await office.hand_in(AN, code, "nhat_ky", "kern.log", log)
    assert taken["sha256"] == hashlib.sha256(log).hexdigest()
    await office.refused(DUNG, code, "close", needed="evidence.cau_hinh", **end)
    await office.hand_in(AN, code, "anh_cau_hinh", "router.txt", b"hostname r1\n")
    await office.do(CHI, code, "waive", kind="anh_chup", reason="Máy đã tắt, không chụp được")
    await office.do(DUNG, code, "close", **end)
    file = await office.file(AN, code)
    assert file["incident"]["ended"]
    pieces = [(p["kind"], p["holder"]) for p in file["evidence"] if p["holder"] == AN]
    assert pieces == [("nhat_ky", AN), ("anh_cau_hinh", AN)]
    assert file["work"]["final_approved_by"] == "person:Dung"

    # The review is the last stage; nothing leads out of it.
    await office.do(CHI, code, "move", stage="tong_ket")
    await office.refused(CHI, code, "move", stage="xac_minh", reason="x")
    assert (await office.deadlines(code))["review"].met_at == office.clock()
    assert await office.kinds(AN, code) == ENTRIES
    rows = await office.deadlines(code)
    assert {code: summary(row, detected_at) for code, row in rows.items()} == DEADLINES


def summary(row: SimpleNamespace, since: datetime) -> tuple[str, float | None]:
    """Return where a deadline stands, and when it was met in hours."""
    return row.state, row.met_at and round((row.met_at - since) / timedelta(hours=1), 2)


ON_TIME, LATE = "hoan_thanh_dung_han", "hoan_thanh_tre"
# Twelve minutes, 32 minutes, two and a half hours, a day and two and a half hours after detection.
DEADLINES = {
    "ack": (LATE, 0.2),
    "notify_commander": (ON_TIME, 0.2),
    "notify_office": (ON_TIME, 0.2),
    "classify": (ON_TIME, 0.2),
    "contain": (ON_TIME, 0.53),
    "internal_initial": (ON_TIME, 0.53),
    "restore": (ON_TIME, 2.53),
    "fix": (ON_TIME, 26.53),
    "final": (ON_TIME, 26.53),
    "review": (ON_TIME, 26.53),
    "bca_24h": (LATE, 26.53),
    "bca_72h": ("chua_den_han", None),
    "update": ("khong_con_ap_dung", None),
}
ENTRIES = [
    "opened", "severity_changed", "acknowledged", "moved", "told", "told", "classified",
    "reportable_decided", "moved", "evidence_preserved", "contained", "deadline_met",
    "task_added", "moved",
    "moved", "moved", "task_done", "moved", "moved", "deadline_met", "moved", "moved", "moved",
    "evidence", "evidence", "evidence_waived", "closed", "moved",
]  # fmt: skip


async def test_who_handled_an_s2_does_not_approve_its_end(office: Office) -> None:
    """Holding the role is not enough: the approver is somebody else."""
    office.declare(None)
    code = await office.open(DUNG, impact="I3", scope="P2")
    await office.do(DUNG, code, "ack")
    for stage in ("xac_minh", "ung_cuu_ban_dau", "khoi_phuc"):
        await office.do(AN, code, "move", stage=stage)
    await office.do(AN, code, "move", stage="cho_phe_duyet", fields={"root_cause": "human-errors"})
    await office.refused(
        DUNG, code, "close", needed="other_person", reason="xong", root_cause="human-errors"
    )
    await office.keep_evidence(CHI, code)
    await office.do(CHI, code, "close", reason="xong", root_cause="human-errors")


async def test_an_emergency_isolation_waits_for_nothing_and_explains_itself(
    office: Office,
) -> None:
    """At once, in any open stage; the missing reason is due in 30 minutes and stays visible."""
    code = await office.open(AN)
    await office.do(BINH, code, "contain", emergency=True)
    due = (await office.data(AN, code, "contained"))["reason_due_at"]
    assert due is not None
    work = (await office.file(AN, code))["work"]
    assert work["isolations"][0]["is_before_evidence"]

    office.pass_time(minutes=31)
    overdue = await office.get(AN, "/api/v1/tasks", state="overdue")
    assert [task["kind"] for task in overdue["items"]] == ["reason"]
    page = await office.get(AN, f"/incidents/{code}")
    assert "QUÁ HẠN ghi lý do" in page

    await office.do(BINH, code, "explain", reason="Mã độc đang lan")
    assert (await office.data(AN, code, "containment_explained"))["late"] is True
    await office.refused(BINH, code, "explain", reason="x")
    # Evidence is kept afterwards: the file shows the order as it was.
    await office.do(BINH, code, "preserve", what="Nhật ký")
    kinds = await office.kinds(AN, code)
    assert kinds.index("contained") < kinds.index("evidence_preserved")


@pytest.mark.parametrize(
    ("severity", "name", "decision", "is_allowed"),
    [
        ({"impact": "I3", "scope": "P2"}, CHI, "no", False),
        ({"impact": "I3", "scope": "P2"}, DUNG, "no", True),
        ({"impact": "I2", "scope": "P2"}, CHI, "no", True),
        ({"impact": "I2", "scope": "P2"}, DUNG, "no", False),
        ({"impact": "I1", "scope": "P1"}, CHI, "yes", True),
        ({"impact": "I1", "scope": "P1"}, AN, "yes", False),
    ],
)
async def test_who_decides_on_reporting(
    office: Office, severity: dict[str, str], name: str, decision: str, *, is_allowed: bool
) -> None:
    """The commander says yes to any and no to S3 and S4; the leadership says no to S1 and S2."""
    code = await office.open(AN, **severity)
    body = {"decision": decision, "reason": "Đã xem xét"}
    grounds = {"grounds": ["su_co"]} if decision == "yes" else {}
    if is_allowed:
        await office.do(name, code, "reportable", **body, **grounds)
        return
    await office.refused(name, code, "reportable", **body, **grounds)


async def test_what_nobody_decides_in_time_counts_as_reportable(office: Office) -> None:
    """For S1 and S2 a machine says so, with the grounds of the ruleset; a decision replaces it."""
    code = await office.open(AN, impact="I3", scope="P2")
    office.pass_time(minutes=29)
    assert (await office.file(AN, code))["presumed"] == []
    office.pass_time(minutes=2)
    file = await office.file(AN, code)
    assert "nghiem_trong" in file["presumed"]
    assert "tính là có" in await office.get(AN, f"/incidents/{code}")
    assert "bca_24h" in await office.deadlines(code)

    await office.do(DUNG, code, "reportable", decision="no", reason="Không thuộc diện báo cáo")
    assert (await office.file(AN, code))["presumed"] == []
    assert (await office.deadlines(code))["bca_24h"].stopped_at == office.clock()


async def test_only_the_commander_lowers_and_the_earlier_clocks_stay(office: Office) -> None:
    """With a reason; what was due before stays in the record."""
    code = await office.open(AN, impact="I3", scope="P2")
    lower = {"impact": "I2", "scope": "P2"}
    await office.refused(AN, code, "raise", needed="chi_huy", **lower, reason="x")
    await office.refused(AN, code, "lower", needed="chi_huy", **lower, reason="Nhẹ hơn")
    await office.refused(CHI, code, "lower", needed="reason", **lower, reason=" ")
    office.pass_time(hours=1)
    await office.do(CHI, code, "lower", **lower, reason="Có đường dự phòng")
    assert (await office.file(AN, code))["incident"]["severity"] == "S3"
    restore = (await office.deadlines(code))["restore"]
    assert restore.severity == "S3"
    assert [earlier["severity"] for earlier in restore.earlier] == ["S2"]


async def test_another_nature_asks_for_the_decision_again_and_never_moves_detection(
    office: Office,
) -> None:
    """A cable cut becomes sabotage: clocks of law still start at the detection."""
    code = await office.open(AN, impact="I3", scope="P2")
    detected_at = office.clock()
    await office.do(DUNG, code, "reportable", decision="no", reason="Lỗi kỹ thuật")
    office.pass_time(hours=3)
    await office.do(AN, code, "classify", nature="an_ninh", reason="Có dấu hiệu phá hoại")
    assert (await office.file(AN, code))["work"]["decided"] is None

    await office.do(CHI, code, "reportable", decision="yes", grounds=["su_co"], reason="Phá hoại")
    assert (await office.deadlines(code))["bca_72h"].start_at == detected_at
    assert (await office.file(AN, code))["incident"]["detected_at"] == rfc(detected_at)


def rfc(at: object) -> str:
    """Return an instant as the API writes it."""
    return at.isoformat().replace("+00:00", "Z")  # type: ignore[attr-defined]
