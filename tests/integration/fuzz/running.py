"""Runs a fuzzer for a while."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
# The fuzzer's own limit looks at a peak that a child inherits from the process that starts it.
MOST_BYTES = 1 << 30


def fuzz(module: str, directory: Path, seconds: int) -> int:
    """Return how many inputs were tried; a finding fails the test with what it was."""
    corpus = directory / "corpus"
    corpus.mkdir()
    options = (f"-max_total_time={seconds}", "-max_len=8192", f"-artifact_prefix={directory}/")
    done = subprocess.run(
        [
            *(sys.executable, "-m", f"tests.integration.fuzz.{module}"),
            *(*options, "-rss_limit_mb=0", str(corpus)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        preexec_fn=_bound,
    )
    assert done.returncode == 0, done.stderr[-4_000:] + done.stdout[-2_000:]
    runs = re.search(r"Done (\d+) runs", done.stderr)
    assert runs is not None, done.stderr[-2_000:]
    return int(runs[1])


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
