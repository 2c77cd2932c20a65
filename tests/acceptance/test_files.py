"""Files that hold, with the real programs: recorded, attached, sealed, exported, verified."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

from tests.acceptance.world import ROOT, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.world import World

CODE = "SC26-0001"
SECRET = "Kế hoạch A2"


def wanwatch(world: World, *words: str, who: str = "") -> subprocess.CompletedProcess[str]:
    """Run a sub-command on the world's data, as somebody else if said."""
    name = {"LOGNAME": who} if who else {}
    return subprocess.run(
        [sys.executable, "-m", "collector", *words, "--data", str(world.data)],
        cwd=ROOT,
        env={**os.environ, **world.environment, "LANG": "vi_VN.UTF-8", **name},
        capture_output=True,
        text=True,
    )


def done(world: World, *words: str, who: str = "") -> str:
    """Return what a sub-command says that must succeed."""
    ran = wanwatch(world, *words, who=who)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def entries(world: World, code: str = CODE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.get(f"/api/v1/incidents/{code}")["entries"]
    return found


def opened(world: World) -> str:
    """Start everything, let the disk run full, and return the incident's code."""
    world.start_all()
    world.fill()
    found = wait_until(lambda: world.get("/api/v1/incidents")["items"], "an incident")
    return str(found[0]["code"])


def test_a_reload_is_on_record_with_who_and_why_and_alerts_name_their_revision(
    world_on_each_database: World,
) -> None:
    """From the alert to the files that judged it; a reload with a mistake changes nothing."""
    world = world_on_each_database
    opened(world)
    (alert,) = (a for a in world.get("/api/v1/alerts")["items"] if a["outcome"] == "incident")
    (first,) = world.get("/api/v1/record?kind=policy")["items"]
    told = json.loads(first["canonical"])["data"]
    assert (first["actor"], told["revision"]) == ("machine:start", alert["revision"])
    rules = world.directory / "policy" / "rules" / "disk.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("0.10", "0.11"), encoding="utf-8")
    said = done(world, "reload", "--reason", "ngưỡng mới theo họp giao ban")
    assert "rules/disk.yaml" in said
    newest = world.get("/api/v1/record?kind=policy")["items"][0]
    words = json.loads(newest["text"])
    assert newest["actor"] == f"person:{getpass.getuser()}"
    assert words["reason"] == "ngưỡng mới theo họp giao ban"
    assert "0.10" in words["diff"]
    assert "0.11" in words["diff"]
    rules.write_text("rules: [", encoding="utf-8")
    assert "rules/disk.yaml" in wanwatch(world, "reload", "--reason", "x").stderr
    assert len(world.get("/api/v1/record?kind=policy")["items"]) == 2
    assert "ngưỡng mới" in done(world, "audit", "record", "--kind", "policy")


def test_evidence_seal_and_export_from_the_command_line(
    world_on_each_database: World, tmp_path: Path
) -> None:
    """Handed in, sealed by two persons, exported, verified by a bare Python on another place."""
    world = world_on_each_database
    code = opened(world)
    wait_until(
        lambda: sum(e["kind"] == "evidence" for e in entries(world, code)) == 2,
        "samples and policy are attached",
    )
    log = tmp_path / "auth.log"
    log.write_bytes(b"Nov 26 sshd: failed\n" * 10_000)
    place = ("--holder", "An", "--place", "Tủ 2")
    done(world, "incident", "evidence", code, str(log), "--kind", "nhat_ky", *place)
    done(world, "incident", "note", code, SECRET)
    number = str(entries(world, code)[-1]["seq"])
    said = done(world, "incident", "seal", code, number, "--reason", "ghi nhầm", who="an")
    assert f"wanwatch incident seal {code} {number}" in said
    assert wanwatch(world, "incident", "seal", code, number, who="an").returncode == 1
    done(world, "incident", "seal", code, number, who="binh")
    target = tmp_path / f"{code}.zip"
    done(world, "incident", "export", code, "--to", str(target))
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "out")
    key = done(world, "audit", "key").strip()
    verified = subprocess.run(
        ["python3", "-I", "verify.py", "--key", key],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.splitlines()[-1].startswith("KHỚP")
    assert f"Mục {number}: lời ghi đã bỏ" in verified.stdout
    assert not any(
        SECRET.encode() in path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    )
    assert done(world, "audit", "verify").splitlines()[-1] == "KHỚP"
    assert "ERROR" not in world.log("collector")


def test_what_an_agent_carried_away_finds_a_database_that_was_rolled_back(world: World) -> None:
    """The agent keeps signed checkpoints; an older copy of the database is behind them."""
    opened(world)
    wait_until(lambda: world.get("/api/v1/record")["items"], "the record")
    kept = world.agent_data / "checkpoints.txt"
    wait_until(kept.exists, "a checkpoint is carried away", 60)
    world.end("agent")
    world.end("collector")
    early = world.directory / "early"
    early.mkdir()
    for path in world.data.glob("collector.sqlite3*"):
        shutil.copy(path, early / path.name)
    world.start("collector")
    world.wait_ready()
    world.post("/api/v1/incidents/SC26-0001/note", {"text": "về sau"})
    later = world.directory / "later.txt"

    def carried() -> bool:
        later.write_text(world.text("/api/v1/checkpoint"), encoding="utf-8")
        return int(later.read_text(encoding="utf-8").split("\n")[1]) > newest_of(kept)

    wait_until(carried, "a later checkpoint")
    both = done(world, "audit", "verify", "--checkpoint", str(kept), "--checkpoint", str(later))
    assert both.splitlines()[-1] == "KHỚP"
    world.end("collector")
    for path in world.data.glob("collector.sqlite3*"):
        path.unlink()
    for path in early.iterdir():
        shutil.copy(path, world.data / path.name)
    assert done(world, "audit", "verify", "--checkpoint", str(kept)).splitlines()[-1] == "KHỚP"
    found = wanwatch(world, "audit", "verify", "--checkpoint", str(later))
    assert (found.returncode, found.stdout.splitlines()[-1]) == (1, "KHÔNG KHỚP")
    assert "are gone" in found.stdout


def newest_of(kept: Path) -> int:
    """Return the size of the last checkpoint in a file."""
    sizes = [line for line in kept.read_text(encoding="utf-8").splitlines() if line.isdecimal()]
    return int(sizes[-1])
