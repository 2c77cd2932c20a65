"""The pages and the API of targets: the worst first, the age of every value, who may look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.province import TARGET

if TYPE_CHECKING:
    import httpx

    from tests.province import Province


def measure(province: Province, metric: str, value: float, **labels: str) -> None:
    """Put a value where an agent's would be."""
    book = province.services.targets
    fleet = book._fleet
    target = fleet.targets.by_name[TARGET]
    named = (("target", TARGET), *sorted(labels.items()))
    identity = fleet.identities.named(metric, named, repr((metric, named)).encode())
    series = fleet.series_of(fleet.places.target(target, target.unit), identity)
    assert series is not None
    series.set(value, province.clock().timestamp())


async def test_a_target_that_nobody_measured_has_no_data(cli: httpx.AsyncClient) -> None:
    """In the list, and by itself."""
    lines = (await cli.get("/api/v1/targets")).json()
    (line,) = [one for one in lines if one["name"] == TARGET]
    assert (line["standing"], line["newest_at"]) == ("no_data", None)
    assert (line["circuit"], line["kind"], line["measured_by"]) == ("MLL-0042", "network", "")
    assert (await cli.get("/api/v1/targets/other")).status_code == 404


async def test_every_value_has_its_age(cli: httpx.AsyncClient, province: Province) -> None:
    """Fresh, then old: what was good is no data then."""
    measure(province, "wanwatch_probe_answer_code", 0, probe="sip")
    found = (await cli.get(f"/api/v1/targets/{TARGET}")).json()
    (value,) = found["values"]
    assert found["standing"] == "good"
    assert found["probes"] == ["sip", "icmp"]
    assert (value["labels"], value["is_old"]) == ({"probe": "sip"}, False)
    for _ in range(40):
        province.clock()
    place = province.services.targets._fleet.places.known(f"target:{TARGET}")
    assert place is not None
    for series in place.series.values():
        series.shift(-timedelta(minutes=10).total_seconds())
    assert (await cli.get(f"/api/v1/targets/{TARGET}")).json()["standing"] == "no_data"


async def test_the_pages_say_the_same(person: httpx.AsyncClient, province: Province) -> None:
    """In Vietnamese and English; a target that is not there is a page, too."""
    measure(province, "wanwatch_stamp_mos", 4.1, direction="forward", codec="G.711")
    text = (await person.get("/targets")).text
    assert "Phòng họp" in text
    assert "Bình thường" in text
    one = await person.get(f"/targets/{TARGET}")
    for word in ("MLL-0042", "wanwatch_stamp_mos", "4,1", "sip, icmp"):
        assert word in one.text
    english = (await person.get(f"/targets/{TARGET}?lang=en")).text
    assert "Quality of the path" in english
    assert (await person.get("/targets/other")).status_code == 404
