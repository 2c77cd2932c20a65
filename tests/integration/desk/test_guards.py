"""The database itself refuses a change of stage whose conditions are not met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from collector.storage.schema import entries, entry_texts, incidents
from incidents.timeline import canonical_json
from tests.integration.desk.office import AN, CHI, DUNG, Office

if TYPE_CHECKING:
    from sqlalchemy import Connection


def write(office: Office, code: str, kind: str, actor: str, reason: str, **data: Any) -> None:
    """Write an entry past the desk, as a faulty program would."""

    def put(connection: Connection) -> None:
        row = connection.execute(select(incidents).where(incidents.c.code == code)).one()
        place = {"incident": row.id, "seq": row.last_seq + 1}
        canonical = canonical_json({"data": data})
        entry = {"canonical": canonical, "hash": "", "at": office.clock(), "kind": kind}
        connection.execute(insert(entries).values(**place, **entry, actor=actor))
        words = {"salt": "00" * 16, "text": canonical_json({"reason": reason} if reason else {})}
        connection.execute(insert(entry_texts).values(**place, **words))

    office.province.db.write_now(put)


async def approval(office: Office) -> str:
    """Return an S2 that waits for the approval of its end; An handled it."""
    code = await office.open(AN, impact="I3", scope="P2")
    await office.do(AN, code, "ack")
    for stage in ("xac_minh", "ung_cuu_ban_dau", "khoi_phuc"):
        await office.do(AN, code, "move", stage=stage)
    await office.do(AN, code, "move", stage="cho_phe_duyet", fields={"root_cause": "human-errors"})
    return code


@pytest.mark.parametrize(
    ("actor", "reason", "data", "message"),
    [
        (f"person:{DUNG}", "xong", {}, "condition"),
        (f"person:{AN}", "xong", {"root_cause": "human-errors"}, "condition"),
        (f"person:{DUNG}", "", {"root_cause": "human-errors"}, "reason"),
        ("machine:desk", "xong", {"root_cause": "human-errors"}, "only a person"),
        (f"person:{DUNG}", "xong", {"root_cause": "human-errors"}, ""),
    ],
)
async def test_the_end_has_its_conditions_in_the_database(
    office: Office, actor: str, reason: str, data: dict[str, str], message: str
) -> None:
    """Root cause, reason, another person, a person at all; with all of them it is written."""
    code = await approval(office)
    await office.keep_evidence(DUNG, code)
    if not message:
        write(office, code, "closed", actor, reason, to="ket_thuc", **data)
        return
    with pytest.raises(DBAPIError, match=message):
        write(office, code, "closed", actor, reason, to="ket_thuc", **data)


async def test_an_overdue_report_of_law_stands_against_the_end(office: Office) -> None:
    """Also where a program forgot to ask."""
    code = await approval(office)
    await office.do(CHI, code, "reportable", decision="yes", grounds=["nghiem_trong"], reason="x")
    await office.keep_evidence(DUNG, code)
    office.pass_time(hours=25)
    with pytest.raises(DBAPIError, match="condition"):
        write(
            office,
            code,
            "closed",
            f"person:{DUNG}",
            "xong",
            to="ket_thuc",
            root_cause="human-errors",
        )


async def test_a_duplicate_names_a_parent_that_exists(office: Office) -> None:
    """And not itself."""
    code = await office.open(AN)
    for parent in ("SC26-9999", code):
        with pytest.raises(DBAPIError, match="condition"):
            write(office, code, "moved", f"person:{AN}", "", to="trung_lap", parent=parent)


async def test_required_evidence_that_is_missing_stands_against_the_end(office: Office) -> None:
    """Each kind that the severity requires, until it is in the file or waived."""
    code = await approval(office)
    end = {"to": "ket_thuc", "root_cause": "human-errors"}
    for kind in ("nhat_ky", "anh_cau_hinh", "anh_chup"):
        with pytest.raises(DBAPIError, match="required evidence"):
            write(office, code, "closed", f"person:{DUNG}", "xong", **end)
        await office.do(CHI, code, "waive", kind=kind, reason="Máy đã hỏng hoàn toàn")
    write(office, code, "closed", f"person:{DUNG}", "xong", **end)


async def test_an_ended_incident_reopens_within_thirty_days_and_not_after(office: Office) -> None:
    """Though a program forgot the calendar."""
    code = await approval(office)
    await office.keep_evidence(DUNG, code)
    await office.do(DUNG, code, "close", reason="xong", root_cause="human-errors")
    office.pass_time(days=31)
    await office.refused(CHI, code, "move", stage="xac_minh", reason="Tái phát", needed="within")
    with pytest.raises(DBAPIError, match="reopened"):
        write(office, code, "reopened", f"person:{CHI}", "Tái phát", to="xac_minh")
    office.pass_time(days=-2)
    write(office, code, "reopened", f"person:{CHI}", "Tái phát", to="xac_minh")
