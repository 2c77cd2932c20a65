"""What simulated agents remember between two runs: the number and the state of each key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.simulation.reporter import Reporter

FILE = "simulation.json"


def recall(path: Path, reporters: Iterable[Reporter]) -> None:
    """Let each agent go on where it stopped; without this a key would look cloned.

    Raises:
        OSError, TypeError, ValueError: The file is there and cannot be used.
    """
    if not path.exists():
        return
    known = dict(json.loads(path.read_text(encoding="utf-8")))
    for reporter in reporters:
        if found := known.get(reporter.identity.agent):
            reporter.seq, reporter.state = int(found[0]), str(found[1])


def remember(path: Path, reporters: Iterable[Reporter]) -> None:
    """Write the file at the end of a run; other keys in it are kept."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known |= {r.identity.agent: [r.seq, r.state] for r in reporters}
    path.write_text(json.dumps(known), encoding="utf-8")
