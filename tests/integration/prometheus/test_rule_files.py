"""The shipped files as the programs themselves read them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.boards import ROOT
from tests.tsdb import program

if TYPE_CHECKING:
    from pathlib import Path

DEPLOY = ROOT / "deploy"
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yaml"))
TESTS = sorted((DEPLOY / "prometheus" / "tests").glob("*.yaml"))


def done(*command: str | Path) -> str:
    """Run a command and return what it printed; it must end with 0."""
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("file", RULES, ids=lambda f: f.name)
def test_promtool_takes_the_rules(file: Path) -> None:
    """With every lint that there is."""
    assert "SUCCESS" in done(program("promtool"), "check", "rules", "--lint=all",
                             "--lint-fatal", file)  # fmt: skip


@pytest.mark.parametrize("file", TESTS, ids=lambda f: f.name)
def test_every_rule_passes_its_tests(file: Path) -> None:
    """Each alert fires where it should, with its words, and does not where it should not."""
    assert "SUCCESS" in done(program("promtool"), "test", "rules", file)
    named = {test["name"] for test in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]}
    [rules] = [one for one in RULES if one.name == file.name]
    for group in yaml.safe_load(rules.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            if "alert" in rule:
                assert {f"{rule['alert']} fires", f"{rule['alert']} does not fire"} <= named
            else:
                assert rule["record"] in named


def test_promtool_takes_the_configuration(tmp_path: Path) -> None:
    """The tokens' files are those of the container; here they lie beside the configuration."""
    shutil.copytree(DEPLOY / "prometheus" / "rules", tmp_path / "rules")
    for name in ("metrics_token", "alerts_token"):
        (tmp_path / name).write_text("x")
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    file = tmp_path / "prometheus.yml"
    file.write_text(text.replace("/run/secrets/", f"{tmp_path}/"), encoding="utf-8")
    assert "SUCCESS" in done(program("promtool"), "check", "config", file)


def test_amtool_takes_the_configuration() -> None:
    """What the collector cannot tell goes to somebody by another way."""
    file = DEPLOY / "alertmanager" / "alertmanager.yml"
    assert "SUCCESS" in done(program("amtool"), "check-config", file)
    for alert, receiver in (
        ("CollectorDown", "when-the-collector-cannot"),
        ("FleetCoverageLow", "shown-only"),
    ):
        routed = done(program("amtool"), "config", "routes", "test", f"--config.file={file}",
                      f"alertname={alert}")  # fmt: skip
        assert routed.strip() == receiver
