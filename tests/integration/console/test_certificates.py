"""The register of certificates: its page, its API, and what is told of it once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from collector.certificates.keeper import CertificateKeeper
from collector.storage.schema import outbox
from incidents.certificates import Certificate
from incidents.vietnamese import ZONE
from tests.integration.console.test_targets import measure
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

FAR, NEAR = "000.16.30", "000.02.30"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """A register on SQLite and on PostgreSQL."""
    made = open_province(tmp_path, db=db)
    today = made.clock().astimezone(ZONE).date()

    def one(unit: str, name: str, serial: str, days: int) -> Certificate:
        until = today + timedelta(days=days)
        return Certificate(unit, "ca_nhan", name, serial, until, date(2023, 1, 1), token="VT-9")

    made.services.certificates.adopt(
        [
            one(FAR, "Trần Thị Thuý", "A1", 25),
            one(NEAR, "Lê Văn Hòa", "A2", 5),
            one(NEAR, "Nguyễn Văn An", "A3", 3),
            one(NEAR, "Nguyễn Văn An", "A4", 900),
        ]
    )
    return made


def messages(province: Province) -> list[tuple[str, str]]:
    query = select(outbox.c.recipient, outbox.c.subject).where(outbox.c.reason == "certificates")
    rows = province.db.read_now(lambda c: c.execute(query).all())
    return [(row.recipient, row.subject) for row in rows]


async def test_the_lists_are_told_once(province: Province) -> None:
    """From seven in the morning on; not again after a restart; a renewed one not at all."""
    desk = province.services.desk
    numbers = iter(range(1000))
    now = province.clock().astimezone(ZONE)

    def keeper() -> CertificateKeeper:
        return CertificateKeeper(
            province.db,
            province.services.certificates,
            desk,  # type: ignore[arg-type]
            new_message_id=lambda: f"<{next(numbers)}@t>",
        )

    await keeper().turn(now.replace(hour=6, minute=59))
    assert messages(province) == []
    await keeper().turn(now.replace(hour=7, minute=0))
    told = messages(province)
    assert {recipient for recipient, _ in told} == {"Trực ca", "Lãnh đạo Văn phòng"}
    assert all("Lê Văn Hòa" in subject and "1 chứng thư nữa" in subject for _, subject in told)
    await keeper().turn(now.replace(hour=8))
    await keeper().turn(now.replace(hour=7) + timedelta(days=1))
    assert messages(province) == told
    await keeper().turn(now.replace(hour=7) + timedelta(days=11))
    assert len(messages(province)) == 2 * len(told)
    bodies = province.db.read_now(lambda c: list(c.scalars(select(outbox.c.body))))
    assert "CÒN KHÔNG QUÁ 14 NGÀY:\n- Trần Thị Thuý" in bodies[-1]
    assert "ĐÃ HẾT HẠN:\n- Lê Văn Hòa" in bodies[-1]


async def test_what_ends_first_is_on_top(
    cli: httpx.AsyncClient, person: httpx.AsyncClient, province: Province
) -> None:
    """What a probe measured stands beside it, and says so; what was renewed stands last."""
    ends = (province.clock() + timedelta(days=12)).timestamp()
    measure(province, "wanwatch_tls_expiry_timestamp_seconds", ends, port="443")
    rows = (await cli.get("/api/v1/certificates")).json()

    assert [row["serial"] for row in rows if row["serial"]] == ["A2", "A1", "A4", "A3"]
    assert [row["valid_to"] for row in rows[:-1]] == sorted(row["valid_to"] for row in rows[:-1])
    assert [row["step"] for row in rows if row["name"] == "Phòng họp"] == [14]
    assert {row["serial"] for row in rows if row["is_measured"]} == {""}
    assert rows[-1]["is_replaced"]
    found = (await cli.get("/api/v1/certificates", params={"q": "thúy"})).json()
    assert [row["serial"] for row in found] == ["A1"]
    soon = (await cli.get("/api/v1/certificates", params={"days": 14, "unit": NEAR})).json()
    assert [row["serial"] for row in soon] == ["A2", ""]

    page = (await person.get("/certificates")).text
    for words in ("Còn không quá 7 ngày", "Lê Văn Hòa", "đo được", "Đã có chứng thư thay thế"):
        assert words in page
    assert "Good for more than 60 days" in (await person.get("/certificates?lang=en")).text
