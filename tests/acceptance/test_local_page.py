"""The page at the machine says what the province knows of it, and whom to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.acceptance.test_fault_to_mail import hosts_on_time
from tests.acceptance.world import UNIT, wait_until

if TYPE_CHECKING:
    from tests.acceptance.world import World

UNITS = f"code,name,kind,contact\n{UNIT},Văn phòng Tỉnh ủy,co_quan,Trực ca tỉnh: máy lẻ 105\n"


def page(world: World) -> str:
    """Return what stands on the page now."""
    path = world.agent_data / "local-page.html"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_local_page_names_the_incident_until_it_has_recovered(world: World) -> None:
    """Green and nothing known; red with the incident's code; green again. Also after a restart."""
    (world.directory / "policy" / "units.csv").write_text(UNITS, encoding="utf-8")
    world.start_all()
    wait_until(lambda: hosts_on_time(world), "the host reports")
    wait_until(lambda: "Không có việc nào đang mở" in page(world), "nothing is known")
    assert "Trực ca tỉnh: máy lẻ 105" in page(world)
    assert "Bình thường" in page(world)

    world.fill()
    code = wait_until(lambda: world.get("/api/v1/incidents")["items"], "an incident")[0]["code"]
    wait_until(lambda: f"trống ({code})" in page(world), "the page names it")
    assert "Có vấn đề, tỉnh đã biết" in page(world)

    world.end("agent")
    world.start("agent")
    wait_until(lambda: "Thông" in page(world), "the agent is back")
    assert code in page(world)

    world.free()
    wait_until(lambda: "Không có việc nào đang mở" in page(world), "nothing is known any more")
    assert world.get("/api/v1/incidents")["items"][0]["recovered_at"]
    assert "ERROR" not in world.log("collector")
