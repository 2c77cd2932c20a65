"""Shell completion knows every sub-command and option there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "completion" / "wanwatch-agent.bash"


def completions(*words: str) -> set[str]:
    """Return what bash offers after these words."""
    typed = " ".join(f"'{word}'" for word in ("wanwatch-agent", *words))
    script = (
        f"source {SCRIPT}; COMP_WORDS=({typed}); COMP_CWORD={len(words)}; "
        'COMPREPLY=(); _wanwatch_agent; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def help_of(*words: str) -> str:
    """Return what the agent says of itself."""
    command = [sys.executable, "-m", "agents", *words, "--help"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_agent_completion_offers_every_sub_command() -> None:
    """A new sub-command must be in the completion."""
    listed = set(re.findall(r"^    ([a-z-]+)(?: {2,}|$)", help_of(), flags=re.MULTILINE))

    assert completions("") - {"--help"} == listed


def test_agent_completion_offers_every_option() -> None:
    """A new option must be in the completion."""
    for command in ("run", "enrol", "rotate-key", "status", "identity", "selftest", "probe"):
        known = set(re.findall(r"--[a-z-]+", help_of(command)))
        assert completions(command, "--") == known, command


def test_wanwatch_installs_its_completion() -> None:
    """`wanwatch --show-completion` prints a script for the shell."""
    done = subprocess.run(
        [sys.executable, "-m", "collector", "--show-completion", "bash"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert "complete" in done.stdout, done.stderr
