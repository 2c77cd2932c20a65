"""Deputies at the desk, and the end of an incident that wants two pairs of eyes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.integration.desk.office import AN, BINH, CHI, DUNG, KIEN, OTHER_UNIT, PEOPLE, UNIT
from tests.province import RUNBOOKS

if TYPE_CHECKING:
    from tests.integration.desk.office import Office

DEPUTY = """
deputies:
  - {{for: {0}, by: {1}, from: "{2}", until: "{3}", decision: "số 12-QĐ/VPTU"}}
"""
LOWER = {"impact": "I1", "scope": "P1", "reason": "nhầm"}
# Kiên looks after another unit here; An is of the leadership as well.
ELSEWHERE = PEOPLE.replace("[kiem_tra]", '[can_bo_don_vi], units: ["000.11.30"]')
LEADING = PEOPLE.replace("An, roles: [truc_ca]", "An, roles: [truc_ca, lanh_dao_vp]")


def deputise(office: Office, whom: str, by: str, *, people: str = PEOPLE, hours: float = 8) -> None:
    """Let somebody stand for another from now on, for some hours."""
    now = office.clock()
    until = now + timedelta(hours=hours)
    office.declare(people + DEPUTY.format(whom, by, now.isoformat(), until.isoformat()))


async def test_deputy_acts_and_the_file_says_for_whom(office: Office) -> None:
    """Before and after the period it is refused; within it the entry names both."""
    code = await office.open(AN)
    await office.refused(AN, code, "lower", needed="chi_huy", **LOWER)
    deputise(office, CHI, AN)
    await office.do(AN, code, "lower", **LOWER)
    assert (await office.data(AN, code, "severity_changed"))["on_behalf"] == f"person:{CHI}"
    page = await office.get(AN, f"/incidents/{code}")
    assert f"Thay mặt</span> {CHI}" in " ".join(page.split())
    await office.do(AN, code, "note", text="x")
    assert "on_behalf" not in await office.data(AN, code, "note")
    office.clock.move(hours=8)
    await office.refused(AN, code, "waive", needed="chi_huy", kind="nhat_ky", reason="x")


async def test_deputy_of_an_officer_sees_and_acts_in_that_unit(office: Office) -> None:
    """What the officer answers for, for the time of the paper, and not a moment longer."""
    code = await office.open(AN)
    office.declare(ELSEWHERE)
    await office.get(KIEN, f"/api/v1/incidents/{code}", status=404)
    deputise(office, BINH, KIEN, people=ELSEWHERE, hours=1)
    await office.do(KIEN, code, "note", text="đã đến nơi")
    assert (await office.data(KIEN, code, "note"))["on_behalf"] == f"person:{BINH}"
    office.clock.move(hours=1)
    await office.get(KIEN, f"/api/v1/incidents/{code}", status=404)


async def test_role_for_one_unit_is_none_for_the_others_that_another_role_sees(
    office: Office,
) -> None:
    """The auditor sees all; as an officer's deputy they act in the officer's unit alone."""
    deputise(office, BINH, KIEN)
    quiet = {"reason": "Sửa", "unit": UNIT}
    assert (await office.post(KIEN, "/api/v1/silences", quiet)).status_code == 201
    for elsewhere in ({"unit": OTHER_UNIT}, {"unit": "", "rule": next(iter(RUNBOOKS))}):
        refused = await office.post(KIEN, "/api/v1/silences", quiet | elsewhere)
        assert refused.status_code == 403
        assert "can_bo_don_vi" in refused.json()["needed"]
    for path, body in (
        ("/api/v1/hours", {"unit": OTHER_UNIT, "hours": "always"}),
        ("/api/v1/hours/forget", {"unit": OTHER_UNIT}),
        ("/api/v1/enrolment-tokens", {"unit": OTHER_UNIT}),
    ):
        assert (await office.post(KIEN, path, body)).status_code == 403
        at_home = (await office.post(KIEN, path, body | {"unit": UNIT})).status_code
        assert at_home in (200, 201), path
    host = next(h for h in office.province.fleet.hosts.values() if h.unit == OTHER_UNIT)
    for act in ("revoke", "reattach"):
        refused = await office.post(KIEN, f"/api/v1/agents/{host.agent}/{act}", {"reason": "x"})
        assert refused.status_code == 403


async def test_pages_show_who_deputises(office: Office) -> None:
    """With the paper that says so, while it holds."""
    deputise(office, CHI, AN, hours=1)
    page = await office.get(BINH, "/account")
    assert f"{AN} thay mặt {CHI}" in page
    assert "số 12-QĐ/VPTU" in page
    office.clock.move(hours=1)
    assert f"{AN} thay mặt {CHI}" not in await office.get(BINH, "/account")


async def test_end_is_approved_neither_by_its_handler_nor_in_their_name(office: Office) -> None:
    """A deputy of who handled it has the same authority: that is not two pairs of eyes."""
    office.declare(LEADING)
    code = await office.open(AN, impact="I3", scope="P2")
    assert (await office.file(AN, code))["incident"]["severity"] == "S2"
    await office.do(AN, code, "ack")
    cause = {"root_cause": "human-errors"}
    for stage in ("xac_minh", "ung_cuu_ban_dau", "khoi_phuc", "cho_phe_duyet"):
        fields = cause if stage == "cho_phe_duyet" else {}
        await office.do(AN, code, "move", stage=stage, reason="x", fields=fields)
    await office.keep_evidence(DUNG, code)
    end = {"stage": "ket_thuc", "reason": "xong", "fields": cause}
    await office.refused(AN, code, "move", needed="other_person", **end)
    deputise(office, AN, BINH, people=LEADING)
    await office.refused(BINH, code, "move", needed="other_person", **end)
    await office.do(DUNG, code, "move", **end)
