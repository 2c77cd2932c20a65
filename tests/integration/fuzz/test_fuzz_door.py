"""The fuzzer of the door, for a while: it finds nothing that is not refused with a reason."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SECONDS = 15
LEAST_RUNS = 5_000


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this system")
def test_door_survives_whatever_is_sent(tmp_path: Path) -> None:
    """No exception, no status that is not in the contract, no more memory than its bounds."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    options = (f"-max_total_time={SECONDS}", "-max_len=8192", f"-artifact_prefix={tmp_path}/")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.integration.fuzz.fuzz_door",
            *options,
            "-rss_limit_mb=512",
            str(corpus),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr[-4_000:] + done.stdout[-2_000:]
    runs = re.search(r"Done (\d+) runs", done.stderr)
    assert runs is not None, done.stderr[-2_000:]
    assert int(runs[1]) >= LEAST_RUNS
