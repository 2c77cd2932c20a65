"""A line fault, from the slip that is read to the carrier to the figures of the month."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from collector.carrier_desk import joined
from collector.storage import schema
from collector.targets.targets_file import read_targets
from incidents.carrier_slip import Fault
from incidents.vietnamese import ZONE, local_time
from tests.province import add_alert, seed_cut_unit

if TYPE_CHECKING:
    import httpx
    from sqlalchemy import Connection

    from tests.province import Province

UNIT, CENTRE = "000.12.30", "000.01.30"
TARGETS = f"""
targets:
  - {{name: rt-tam, vi: Bộ định tuyến trung tâm, address: 10.42.0.1, unit: "{CENTRE}"}}
  - {{name: duong-1, vi: Đường truyền xã, address: 10.42.9.1, unit: "{UNIT}", via: [rt-tam],
     circuit: MLL-0077, carrier: VNPT}}
  - {{name: rt-xa, vi: Bộ định tuyến xã, address: 10.42.9.2, unit: "{UNIT}", via: [duong-1]}}
  - {{name: ups-xa, vi: Bộ lưu điện xã, address: 10.42.9.3, unit: "{UNIT}", via: [rt-xa]}}
"""


def measure(province: Province, name: str, metric: str, value: float, **labels: str) -> None:
    """Put a value where an agent's would be."""
    fleet = province.services.targets._fleet
    target = fleet.targets.by_name[name]
    named = (("target", name), *sorted(labels.items()))
    identity = fleet.identities.named(metric, named, repr((metric, named)).encode())
    series = fleet.series_of(fleet.places.target(target, target.unit), identity)
    assert series is not None
    series.set(value, province.clock().timestamp())


@pytest.fixture
def code(province: Province) -> str:
    """An incident about a router behind a line, with an earlier fault of the line on record."""
    province.services.targets._fleet.set_targets(read_targets(TARGETS))
    seed_cut_unit(province)
    now = province.clock()
    host = next(iter(province.fleet.hosts.values()))

    def write(connection: Connection) -> None:
        query = select(schema.incidents.c.id).where(schema.incidents.c.code == "SC26-0004")
        incident = connection.scalar(query)
        of_incident = schema.alerts.c.incident == incident
        connection.execute(
            update(schema.alerts).where(of_incident).values(agent="target:rt-xa", unit=UNIT)
        )
        earlier = now - timedelta(days=2)
        add_alert(
            connection, host, "TargetDown", "mất", now=now, agent="target:duong-1", unit=UNIT,
            severity="critical", started_at=earlier, resolved_at=earlier + timedelta(hours=1),
        )  # fmt: skip

    province.services.db.write_now(write)
    measure(province, "duong-1", "wanwatch_stamp_direction_lost_ratio", 0.25, direction="forward")
    measure(province, "duong-1", "wanwatch_stamp_direction_lost_ratio", 0, direction="reverse")
    measure(province, "ups-xa", "wanwatch_ups_on_battery", 1)
    port = {"interface": "Gi0/1"}
    measure(province, "rt-xa", "wanwatch_interface_lost", 0, description="VNPT mll-0077", **port)
    measure(province, "rt-xa", "wanwatch_interface_up", 1, **port)
    measure(province, "rt-xa", "wanwatch_interface_up", 0, interface="Gi0/2")
    return "SC26-0004"


async def test_one_click_makes_the_text_to_read(
    person: httpx.AsyncClient, cli: httpx.AsyncClient, province: Province, code: str
) -> None:
    """From the incident's page; each end by its unit, the port by the circuit it describes."""
    assert f"/incidents/{code}/carrier" in (await person.get(f"/incidents/{code}")).text
    page = (await person.get(f"/incidents/{code}/carrier")).text
    text = (await cli.get(f"/api/v1/incidents/{code}/carrier")).json()["text_vi"]

    for line in (
        "Nhà mạng: VNPT",
        "Số kênh: MLL-0077",
        "Mất gói chiều đi (đơn vị → trung tâm): 25,0 %",
        "Mất gói chiều về (trung tâm → đơn vị): 0,0 %",
        "Đầu đơn vị (Đảng ủy xã Hàm Thuận), nguồn điện: mất điện lưới, đang chạy ắc quy",
        "Đầu đơn vị (Đảng ủy xã Hàm Thuận), cổng đấu nối: Gi0/1: có tín hiệu",
        "Đầu trung tâm (Văn phòng Tỉnh ủy), nguồn điện: chưa rõ",
        "Đầu trung tâm (Văn phòng Tỉnh ủy), cổng đấu nối: chưa rõ",
        f"- {local_time(province.clock() - timedelta(days=2))[:10]}",
    ):
        assert line in text
        assert line in page
    bare = (await cli.get("/api/v1/incidents/SC26-0001/carrier")).json()["text_vi"]
    assert "Số kênh: chưa rõ" in bare
    assert (await person.get("/incidents/SC26-0001/carrier")).status_code == 200
    assert (await cli.get("/api/v1/incidents/SC26-9999/carrier")).status_code == 404


async def test_ticket_and_promise_return_and_are_counted(
    person: httpx.AsyncClient, cli: httpx.AsyncClient, province: Province, code: str
) -> None:
    """On the incident, as one of its deadlines, and in the month against what was kept."""
    now = province.clock()
    promised = (now + timedelta(hours=2)).astimezone(ZONE)
    form = {"carrier": "VNPT", "circuit": "MLL-0077", "promised": f"{promised:%Y-%m-%dT%H:%M}"}
    answer = await person.post(f"/incidents/{code}/carrier_told", data=form)
    assert answer.status_code == 303
    body = {"report": 1, "ticket": "TT-88", "promised": (promised + timedelta(hours=1)).isoformat()}
    assert (await cli.post(f"/api/v1/incidents/{code}/carrier_promise", json=body)).is_success

    page = (await person.get(f"/incidents/{code}")).text
    assert "số phiếu TT-88" in page
    assert "Nhà mạng hẹn khôi phục" in page
    rows = (await cli.get(f"/api/v1/incidents/{code}/deadlines")).json()
    assert [row["running"] for row in rows if row["code"] == "carrier"] == [True]

    month = f"{now.astimezone(ZONE):%Y-%m}"
    assert (await cli.post(f"/api/v1/incidents/{code}/carrier_back", json={"report": 1})).is_success
    found = (await cli.get("/api/v1/carriers", params={"month": month})).json()
    (vnpt,) = found["carriers"]
    assert (vnpt["carrier"], vnpt["promised"], vnpt["kept"], vnpt["broken"]) == ("VNPT", 1, 1, 0)
    assert vnpt["changed"] == 1
    table = (await cli.get("/api/v1/carriers.csv", params={"month": month})).text.splitlines()
    assert table[0].removeprefix("\ufeff").startswith("incident,unit,carrier")
    assert table[1].startswith(f"{code},{UNIT},VNPT,MLL-0077,TT-88")
    page = (await person.get("/carriers", params={"month": month})).text
    assert "đúng hẹn" in page
    assert "Đảng ủy xã Hàm Thuận" in page
    assert "Không có lần báo" in (await person.get("/carriers?month=2020-01")).text
    assert (await person.get("/carriers?month=x")).status_code == 422


def test_faults_that_overlap_are_one() -> None:
    """The path and the line say the same; what is not over lasts."""
    hours = [datetime(2026, 3, 5, hour, tzinfo=ZONE) for hour in range(6)]

    assert joined([(hours[0], hours[1]), (hours[3], hours[4]), (hours[0], hours[2])]) == [
        Fault(hours[3], hours[4]),
        Fault(hours[0], hours[2]),
    ]
    assert joined([(hours[0], None), (hours[3], hours[4])]) == [Fault(hours[0], None)]
