"""The real agent with a clock that somebody sets: `python -m tests.acceptance.shifted_agent …`.

Its wall clock, which its composition root reads in one way only, is the machine's and as many
seconds more as the file says that SHIFT_FILE names. Setting the machine's own would set it for
whatever else runs there; what only grows (monotonic, since boot) is left alone, as by a real step.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from agents import __main__ as agent

FILE = Path(os.environ["SHIFT_FILE"])
_true_time = time.time  # noqa: TID251 - it is this clock that is shifted


def shifted() -> float:
    """Return the time as this machine's clock would show it."""
    return _true_time() + float(FILE.read_text(encoding="ascii") or 0)


if __name__ == "__main__":
    time.time = shifted  # noqa: TID251 - as above
    sys.exit(agent.main())
