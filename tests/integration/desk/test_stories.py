"""A false alarm, one that crosses Tết, one reopened, two that become one, a drill, a sharing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, update

from collector.storage.schema import alerts
from tests.integration.desk.office import (
    AN,
    BINH,
    CHI,
    DUNG,
    KIEN,
    OTHER_UNIT,
    YEN,
    Office,
)

BEFORE_TET = datetime(2026, 2, 13, 9, 0, tzinfo=UTC)  # Friday 16:00 here


async def walk(office: Office, code: str, *stages: str, name: str = AN) -> None:
    """Move an incident through stages that need nothing."""
    for stage in stages:
        await office.do(name, code, "move", stage=stage)


async def end(office: Office, code: str, approver: str = CHI) -> None:
    """Take an S3 to its end."""
    await office.do(AN, code, "ack")
    await walk(office, code, "xac_minh", "ung_cuu_ban_dau", "khoi_phuc")
    await office.do(AN, code, "move", stage="cho_phe_duyet", fields={"root_cause": "human-errors"})
    await office.keep_evidence(approver, code)
    await office.do(approver, code, "close", reason="Đã sửa", root_cause="human-errors")


async def test_a_false_alarm(office: Office) -> None:
    """It is dismissed with a reason and a conclusion by who may, and owes nothing any more."""
    code = await office.from_alert(AN)
    await office.refused(BINH, code, "move", stage="khong_phai_su_co", reason="x", needed="truc_ca")
    await office.refused(AN, code, "move", stage="khong_phai_su_co", needed="reason")
    await office.refused(
        AN,
        code,
        "move",
        stage="khong_phai_su_co",
        reason="x",
        fields={"disposition": "sai"},
        needed="disposition",
    )
    await office.do(
        AN,
        code,
        "move",
        stage="khong_phai_su_co",
        reason="Bảo trì theo kế hoạch",
        fields={"disposition": "planned-work"},
    )
    assert (await office.data(AN, code, "moved"))["disposition"] == "planned-work"
    for command, body in (("contain", {"emergency": True}), ("classify", {"reason": "x"})):
        await office.refused(AN, code, command, needed="open", **body)
    office.pass_time(days=3)
    assert not [
        row
        for row in (await office.deadlines(code)).values()
        if row.due_at and row.met_at is None and row.stopped_at is None
    ]
    assert await office.kinds(AN, code) == ["opened", "moved"]

    await office.do(AN, code, "move", stage="xac_minh", reason="Có thêm dấu hiệu")
    assert not (await office.file(AN, code))["incident"]["ended"]


@pytest.mark.parametrize("office", [BEFORE_TET], indirect=True)
async def test_one_that_crosses_tet(office: Office) -> None:
    """Clocks of law run through Tết; working time waits for the first working day after it."""
    code = await office.open(AN, impact="I3", scope="P2", class_code="ma_doc")
    await office.do(AN, code, "ack")
    await office.do(
        CHI,
        code,
        "reportable",
        decision="yes",
        grounds=["nghiem_trong"],
        reason="Nhiễm mã độc nhiều máy",
    )
    rows = await office.deadlines(code)
    assert rows["bca_24h"].due_at == datetime(2026, 2, 14, 9, 0, tzinfo=UTC)
    assert rows["bca_72h"].due_at == datetime(2026, 2, 16, 9, 0, tzinfo=UTC)  # in Tết

    await walk(office, code, "xac_minh", "ung_cuu_ban_dau", "khoi_phuc")
    assert (await office.deadlines(code))["final"].due_at == datetime(
        2026, 2, 27, 17, 0, tzinfo=UTC
    )

    office.pass_time(days=4)  # in Tết: both are overdue, and stand against the end
    assert {"bca_24h", "bca_72h"} <= {
        code for code, row in (await office.deadlines(code)).items() if row.state == "qua_han"
    }
    await office.do(AN, code, "move", stage="cho_phe_duyet", fields={"root_cause": "human-errors"})
    said = await office.refused(
        DUNG, code, "close", reason="x", root_cause="human-errors", needed="reports_sent"
    )
    assert {"bca_24h", "bca_72h"} <= set(said["needed"])
    for deadline in ("bca_24h", "bca_72h"):
        await office.do(
            DUNG,
            code,
            "meet",
            deadline=deadline,
            how="Điện thoại và công văn",
            told="Công an tỉnh",
            document="02-CV/VPTU",
        )
    late = (await office.deadlines(code))["bca_24h"].late_seconds
    assert late == 3 * 86_400


async def test_one_that_is_reopened(office: Office) -> None:
    """Within thirty days, with a reason; detection and the first decision stay; then it is late."""
    code = await office.open(AN, impact="I2", scope="P2")
    detected_at = office.clock()
    await end(office, code)
    office.pass_time(days=10)
    await office.refused(AN, code, "move", stage="xac_minh", needed="reason")
    await office.do(AN, code, "move", stage="xac_minh", reason="Lỗi lặp lại")
    file = await office.file(AN, code)
    assert not file["incident"]["ended"]
    assert file["incident"]["detected_at"] == detected_at.isoformat().replace("+00:00", "Z")
    assert (await office.kinds(AN, code))[-1] == "reopened"

    await walk(office, code, "ung_cuu_ban_dau", "khoi_phuc", "cho_phe_duyet")
    await office.do(CHI, code, "close", reason="Đã thay máy", root_cause="system-failures")
    office.pass_time(days=40)  # the thirtieth day rolls over New Year
    said = await office.refused(AN, code, "move", stage="xac_minh", reason="x", needed="within")
    assert "30" in said["reason_vi"]


async def test_a_duplicate_goes_into_its_parent(office: Office) -> None:
    """Its alerts recover there, its unit counts there, and the next alert of its cause joins it."""
    parent = await office.open(AN, summary="Mất đường truyền", unit=OTHER_UNIT)
    child = await office.from_alert(AN, "Dịch vụ dừng")
    await office.refused(AN, child, "move", stage="trung_lap", needed="parent")
    await office.refused(
        AN, child, "move", stage="trung_lap", fields={"parent": child}, needed="parent"
    )
    await office.do(AN, child, "move", stage="trung_lap", fields={"parent": parent})

    merged = await office.data(AN, parent, "merged")
    assert merged["child"] == child
    work = (await office.file(AN, parent))["work"]
    assert work["links"] == [{"code": child, "relation": "child"}]
    assert (await office.file(AN, parent))["incident"]["scope"] == "P3"
    assert [alert["summary_vi"] for alert in (await office.file(AN, parent))["alerts"]] == [
        "Dịch vụ dừng"
    ]
    office.pass_time(minutes=5)
    recover(office, child)  # whoever still names the child means the parent
    assert (await office.file(AN, parent))["incident"]["recovered_at"] is not None
    again = await office.from_alert(AN, "Dịch vụ dừng")  # the same cause fires once more
    assert again == parent
    assert (await office.file(AN, parent))["incident"]["recovered_at"] is None
    await office.refused(AN, child, "link", other=parent)


async def test_two_incidents_are_linked_in_both_files(office: Office) -> None:
    """One command writes both; neither is changed otherwise."""
    one, other = await office.open(AN), await office.open(AN, unit=OTHER_UNIT)
    await office.refused(BINH, one, "link", other=other, needed="truc_ca")
    await office.do(AN, one, "link", other=other, reason="Cùng nguồn điện")
    assert (await office.data(AN, one, "linked"))["other"] == other
    assert (await office.data(AN, other, "linked"))["other"] == one
    await office.refused(AN, other, "link", other=one, needed="other")


async def test_a_closed_incident_is_replayed_as_a_drill(office: Office) -> None:
    """Its machine causes come again at the pace asked for, and every message says it is one."""
    code = await office.from_alert(AN, "Máy chủ quá tải")
    await office.do(AN, code, "raise", impact="I2", scope="P2", reason="Nhiều người dùng")
    office.pass_time(minutes=20)
    recover(office, code)
    await office.refused(CHI, code, "drill", needed="ended")
    await end(office, code)
    office.pass_time(days=1)

    await office.refused(AN, code, "drill", needed="chi_huy")
    drill = (await office.do(CHI, code, "drill", pace_percent=1000))["incident"]
    told = len(office.messages())
    file = await office.file(AN, drill)
    assert file["incident"]["is_drill"]
    assert file["incident"]["class_code"] == "kiem_thu"
    await office.do(AN, drill, "ack")
    office.pass_time(minutes=2)  # ten times as fast as twenty minutes
    kinds = [entry["kind"] for entry in (await office.file(AN, drill))["entries"]]
    assert "alert_recovered" in kinds
    assert "recovered" in kinds
    await office.do(AN, drill, "close", reason="Đạt", root_cause="human-errors")
    await office.refused(CHI, drill, "drill", needed="ended")

    messages = office.messages()[told - 1 :]
    assert messages
    assert all("DIỄN TẬP" in subject and "DIỄN TẬP" in body for _, subject, body in messages)
    assert all(not subject.startswith("DIỄN TẬP") for _, subject, _ in messages)
    minutes = await office.get(KIEN, f"/api/v1/incidents/{drill}/minutes")
    for words in (drill, code, "BIÊN BẢN DIỄN TẬP", "Tiếp nhận: hạn", "ký, ghi rõ họ tên", "- An"):
        assert words in minutes
    await office.get(AN, f"/api/v1/incidents/{code}/minutes", 404)


def recover(office: Office, code: str) -> None:
    """Let everything recover that ever fired on an incident."""

    def write(connection: Connection) -> None:
        tx = office.province.services.desk_tx(connection)
        number = tx.number_of(code)
        assert number is not None
        entries = tx.timeline(number, lock=False)
        for alert in {e.data["alert"] for e in entries if e.data.get("alert") is not None}:
            now = office.clock()
            change = update(alerts).where(alerts.c.id == alert).values(resolved_at=now)
            connection.execute(change)
            office.desk.alert_recovered(tx, number, alert, now)  # type: ignore[attr-defined]

    office.province.db.write_now(write)


async def test_a_drill_is_left_out_of_figures_and_metrics(office: Office) -> None:
    """A class of its own, raised by hand on the living system."""
    before = await office.get(AN, "/api/v1/kpi")
    code = await office.open(AN, class_code="kiem_thu", summary="Diễn tập mất điện")
    await office.do(AN, code, "ack")
    assert await office.get(AN, "/api/v1/kpi") == before
    assert "DIỄN TẬP" in await office.get(AN, f"/incidents/{code}")


async def test_chosen_fields_go_to_a_partner_office(office: Office) -> None:
    """Exactly what was given can be fetched again; its receipt has a time and a name."""
    code = await office.open(AN, class_code="ma_doc")
    share = {"fields": ["class", "detected_at"], "partner": "Công an tỉnh", "reason": "Phối hợp"}
    await office.refused(AN, code, "share", needed="chi_huy", **share)
    await office.refused(CHI, code, "share", needed="fields", **share | {"fields": ["x"]})
    await office.do(AN, code, "classify", tlp="RED", reason="Chỉ người được báo")
    await office.refused(CHI, code, "share", needed="tlp", **share)
    await office.do(AN, code, "classify", tlp="AMBER", reason="Cần phối hợp")
    await office.do(CHI, code, "share", **share)
    kept = await office.data(AN, code, "shared")
    await office.do(AN, code, "classify", class_code="ma_hoa_tong_tien", reason="Đã mã hóa tệp")

    client = await office.client(AN)
    given = await client.get(f"/api/v1/incidents/{code}/shares/1")
    assert hashlib.sha256(given.content).hexdigest() == kept["sha256"]
    assert given.json()["fields"].keys() == {"class", "detected_at"}
    assert given.json()["fields"]["class"] == "ma_doc"

    await office.refused(CHI, code, "received", share=2, who="Lê Văn Sáu", needed="share")
    office.pass_time(hours=1)
    at = (office.clock() + timedelta(minutes=1)).isoformat()
    await office.refused(CHI, code, "received", share=1, who="Lê Văn Sáu", at=at, needed="at")
    await office.do(CHI, code, "received", share=1, who="Lê Văn Sáu", document="7-CV/CA")
    share_now = (await office.file(AN, code))["work"]["shares"][0]
    assert share_now["received_at"] is not None


async def test_a_report_by_telephone(office: Office) -> None:
    """Console form and API; a repeat with the same key makes one; the unit's officer its own."""
    client = await office.client(AN)
    body = {"unit": OTHER_UNIT, "class_code": "kt_nguon_dien", "summary": "Mất điện"}
    key = {"Idempotency-Key": "k1"}
    first = await client.post("/api/v1/incidents", json=body, headers=key)
    again = await client.post("/api/v1/incidents", json=body, headers=key)
    assert first.status_code == 201
    assert first.json() == again.json()

    refused = await office.post(BINH, "/api/v1/incidents", body)
    assert refused.status_code == 404  # for who sees some units the others do not exist
    unknown = await office.post(AN, "/api/v1/incidents", body | {"unit": "999"})
    assert unknown.status_code == 404
    later = (office.clock() + timedelta(hours=1)).isoformat()
    future = await office.post(AN, "/api/v1/incidents", body | {"detected_at": later})
    assert future.json()["needed"] == ["detected_at"]

    form = {**body, "key": "k2", "detected_at": "2026-11-23T07:30", "impact": "", "scope": ""}
    sent = await client.post("/incidents/new", data=form)
    assert sent.status_code == 303
    code = sent.headers["location"].rsplit("/", 1)[1]
    assert (await office.file(AN, code))["incident"]["detected_at"] == "2026-11-23T00:30:00Z"
    empty = await client.post("/incidents/new", data=form | {"key": "k3", "summary": ""})
    assert empty.status_code == 409
    assert 'value="2026-11-23T07:30"' in empty.text  # what was typed is still there


async def test_every_form_of_the_page_can_be_sent(office: Office) -> None:
    """A form that posts its own fields is understood: it is done, or refused with words."""
    code = await office.open(AN, impact="I2", scope="P2")
    await office.do(AN, code, "ack")
    client = await office.client(CHI)
    forms = {
        "raise": {"impact": "I3", "scope": "P2", "reason": "Nặng hơn"},
        "lower": {"impact": "I2", "scope": "P2", "reason": "Nhẹ hơn"},
        "classify": {"class_code": "ma_doc", "nature": "", "tlp": "", "reason": "Thấy mã độc"},
        "reportable": {"decision": "yes", "grounds": ["su_co"], "reason": "Phải báo"},
        "tell": {"role": "chi_huy", "who": "Chi", "how": "phone", "at": ""},
        "preserve": {"what": "Nhật ký", "where": ""},
        "contain": {"emergency": "true", "what": "", "reason": ""},
        "explain": {"reason": "Đang lan"},
        "task": {"what": "Quét", "owner": "Bình", "due": "2026-11-24T08:00"},
        "task_done": {"task": "1", "result": ""},
        "point": {"document": "15-BC/TU", "custodian": "Bình"},
        "share": {"fields": ["class", "unit"], "partner": "Công an tỉnh", "reason": "Phối hợp"},
        "received": {"share": "1", "who": "Sáu", "at": "", "document": ""},
        "restrict": {"roles": ["chi_huy"], "persons": "An, Bình", "reason": "Kín"},
    }
    for number, (command, fields) in enumerate(forms.items()):
        answer = await client.post(
            f"/incidents/{code}/{command}", data={"key": f"form-{number}", **fields}
        )
        assert answer.status_code == 303, (command, answer.text[:2000])
        page = await client.get(answer.headers["location"])
        assert page.status_code == 200
        assert f"done={command}" in answer.headers["location"]
    await office.get(YEN, f"/incidents/{code}", 404)


async def test_what_a_person_raises_is_told_at_once(office: Office) -> None:
    """By telephone or from the worklist: the sender is woken, and does not wait for its turn."""
    published = office.province.changes.published
    for opening in (office.open, office.from_alert):
        published.clear()
        await opening(AN)
        assert ("message", "") in published
