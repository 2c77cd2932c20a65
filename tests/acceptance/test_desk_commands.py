"""What a person does at the desk from the command line, with the real programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.test_files import done, wanwatch
from tests.acceptance.world import UNIT

if TYPE_CHECKING:
    from tests.acceptance.world import World

PEOPLE = "people:\n  - {name: an, roles: [truc_ca]}\n  - {name: chi, roles: [chi_huy]}\n"


@pytest.mark.timeout(300)
def test_an_incident_by_telephone_from_the_command_line(world: World) -> None:
    """Opened, raised, worked on and ended; a refusal names the role and ends with 1."""
    (world.directory / "policy" / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    world.start("collector")
    world.wait_ready()
    report = ("incident", "open", "--unit", UNIT, "--class", "kt_nguon_dien", "Mất điện")
    assert wanwatch(world, *report, who="la").returncode == 1
    code = done(world, *report, who="an").strip()

    raised = ("--field", "impact=I2", "--field", "scope=P2", "--field", "reason=Cả tòa nhà")
    assert code in done(world, "incident", "do", code, "raise", *raised, who="an")
    refused = wanwatch(
        world, "incident", "do", code, "lower", "--field", "impact=I1", "--field", "scope=P1",
        "--field", "reason=x", who="an",
    )  # fmt: skip
    assert refused.returncode == 1
    assert "Chỉ huy ứng phó" in refused.stderr
    task = ("--field", "what=Chạy máy phát", "--field", "owner=Bình")
    done(world, "incident", "do", code, "task", *task, "--field", "due=2099-01-01T08:00", who="chi")
    tasks = json.loads(done(world, "incident", "tasks", "--json", who="an"))
    assert [(one["incident"], one["what"]) for one in tasks] == [(code, "Chạy máy phát")]

    done(world, "incident", "ack", code, who="an")
    why = ("--reason", "Có điện lại", "--field", "disposition=planned-work")
    done(world, "incident", "move", code, "khong_phai_su_co", *why, who="an")
    drill = done(world, "incident", "drill", code, "--pace", "1000", who="chi").strip()
    minutes = done(world, "incident", "minutes", drill, who="an")
    assert "BIÊN BẢN DIỄN TẬP" in minutes
    assert code in minutes
