"""The sample site beside a running collector: what it shows while it is there, and that it goes."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.acceptance.world import wait_until

if TYPE_CHECKING:
    from tests.acceptance.world import World

NAMES = {"mau-codec", "mau-router", "mau-duong-truyen"}


def values_of(world: World, target: str, metric: str) -> set[float]:
    """Return the newest values of a metric, as soon as there are any."""

    def found() -> set[float]:
        values = world.get(f"/api/v1/targets/{target}")["values"]
        return {one["value"] for one in values if one["metric"] == metric}

    return set(wait_until(found, f"{metric} of {target}"))


def test_a_sample_site_is_measured_and_taken_away(world: World) -> None:
    """Codec, router and path are good within a minute; afterwards nothing of it is left."""
    world.start("collector")
    world.wait_ready()
    policy = world.directory / "policy"
    command = [
        *(sys.executable, "-m", "collector", "demo-site", "--data", str(world.data)),
        *("--policy", str(policy)),
    ]
    site = subprocess.Popen(command, start_new_session=True)
    try:

        def good() -> set[str]:
            return {
                line["name"]
                for line in world.get("/api/v1/targets")
                if line["standing"] == "good" and line["newest_at"]
            }

        wait_until(lambda: good() >= NAMES, "the sample site is measured", seconds=110)
        values_of(world, "mau-router", "wanwatch_interface_up")
        assert values_of(world, "mau-duong-truyen", "wanwatch_stamp_lost_ratio") == {0.0}
        page = world.text("/targets")
        for words in ("Phòng họp mẫu", "Bộ định tuyến mẫu"):
            assert words in page
    finally:
        site.send_signal(signal.SIGINT)
        site.wait(20)
    assert world.get("/api/v1/targets") == []
    assert not (policy / "targets.yaml").exists()


def test_targets_of_ones_own_stay_as_they_are(world: World) -> None:
    """The command says so and changes nothing."""
    file = world.directory / "policy" / "targets.yaml"
    file.write_text("targets: []\n", encoding="utf-8")
    world.start("collector")
    world.wait_ready()
    done = world.run("demo-site", "--policy", str(file.parent))
    assert done.returncode == 2
    assert "is yours and stays as it is" in done.stderr
    assert file.read_text(encoding="utf-8") == "targets: []\n"
