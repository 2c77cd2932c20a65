"""A simulated province that is expected around the clock: figures must not hang on the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from collector.hours.hours_file import FILE
from collector.simulation import enrolment

if TYPE_CHECKING:
    from pathlib import Path

    from collector.simulation.province import Province


def write_province(policy: Path, province: Province) -> None:
    """Write units and hosts, and hours that never end."""
    enrolment.write_province(policy, province)
    units = {unit.code: {"all": "always"} for unit in province.units}
    (policy / FILE).write_text(yaml.safe_dump({"units": units}), encoding="utf-8")
