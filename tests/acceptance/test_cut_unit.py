"""A commune's line is cut and comes back: one mail, one incident, its hosts inside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.acceptance.world import ROOT, UNIT, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.world import World

COMMUNE = "H29.2"
UNITS = f"""code,name,kind,parent,region
{UNIT},Văn phòng Tỉnh ủy,co_quan,,Trung tâm
{COMMUNE},Đảng ủy xã Hàm Thuận,xa,{UNIT},Khu vực Nam
"""
HOSTS = ("bo-dinh-tuyen", "may-chu-1", "may-chu-2")
# Three intervals of ten seconds, the hold of twenty, and room for a busy machine.
TOLD_WITHIN_SECONDS = 75.0


def add(world: World, data: Path, host: str) -> None:
    """Enrol one host of the commune and start its agent."""
    command = [sys.executable, "-m", "agents"]
    identity = [*command, "identity", "--json", "--data", str(data)]
    done = subprocess.run(identity, cwd=ROOT, capture_output=True, check=True)
    key = json.loads(done.stdout)["public_key"]
    added = world.run("agents", "add", "--host", host, "--unit", COMMUNE, "--public-key", key)
    assert added.returncode == 0, added.stderr
    run = ["run", "--data", str(data), "--interval-seconds", "1"]
    with (world.directory / f"{host}.log").open("ab") as log:
        world.processes[host] = subprocess.Popen(
            [*command, *run, "--collector", f"http://127.0.0.1:{world.port}"],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def signal_all(world: World, number: int) -> None:
    """Send a signal to every agent of the commune."""
    for host in HOSTS:
        world.processes[host].send_signal(number)


def on_time(world: World, count: int) -> bool:
    """Say whether so many hosts are heard."""
    hosts = world.get("/api/v1/agents")["items"]
    return sum(host["liveness"] == "on_time" for host in hosts) == count


def only_incident(world: World) -> dict[str, Any] | None:
    """Return the incident when there is one; fail when there are more."""
    found = world.get("/api/v1/incidents")["items"]
    assert len(found) <= 1, found
    return dict(found[0]) if found else None


def silence_and_end(world: World) -> None:
    """On the command line: who silenced the unit stands on its alert; ended, it is as before."""
    made = world.run("silence", "add", "--unit", COMMUNE, "--reason", "đang sửa", "--for", "2h")
    assert made.returncode == 0, made.stderr
    number = made.stdout.strip()
    path = f"/api/v1/alerts?unit={COMMUNE}&rule=UnitSilent"
    wait_until(lambda: world.get(path)["items"][0]["mute_reason"] == "đang sửa", "it is marked")
    listed = json.loads(world.run("silence", "list", "--json").stdout)
    assert [(str(row["id"]), row["alerts"]) for row in listed] == [(number, 1)]
    assert world.run("silence", "expire", number).stdout.strip() == "ended"
    wait_until(lambda: world.get(path)["items"][0]["muted_by"] is None, "it is as before")


def test_cut_unit_is_one_mail_and_one_incident_with_its_hosts_inside(world: World) -> None:
    """Cut: one page that names the unit; back: told as recovered, nothing else is raised."""
    (world.directory / "policy" / "units.csv").write_text(UNITS, encoding="utf-8")
    world.start_all()
    try:
        for host in HOSTS:
            add(world, world.directory / host, host)
        wait_until(lambda: on_time(world, 4), "all hosts report")

        signal_all(world, signal.SIGSTOP)  # no goodbye: as if the line or the mains were cut
        wait_until(lambda: world.mailbox.messages, "a page", seconds=TOLD_WITHIN_SECONDS)
        subject = str(world.mailbox.messages[0]["Subject"])
        assert subject.startswith("MỚI")
        assert "Mất liên lạc toàn bộ Đảng ủy xã Hàm Thuận: 3 máy" in subject
        incident = only_incident(world)
        assert incident is not None
        assert (incident["class_code"], incident["severity"]) == ("kt_duong_truyen", "S2")

        path = f"/api/v1/incidents/{incident['code']}"
        wait_until(lambda: len(world.get(path)["children"]) == 3, "its hosts are listed")
        children = world.get(path)["children"]
        assert sorted(child["host"] for child in children) == sorted(HOSTS)
        assert {(c["suppressed"], c["incident"]) for c in children} == {("parent", None)}
        shown = world.run("incident", "show", incident["code"]).stdout
        assert all(host in shown for host in HOSTS)

        silence_and_end(world)

        signal_all(world, signal.SIGCONT)
        wait_until(lambda: on_time(world, 4), "all hosts report again")
        wait_until(lambda: (only_incident(world) or {})["recovered_at"], "it is recovered")
        wait_until(lambda: world.mailbox.subjects("ĐÃ KHÔI PHỤC"), "that is told")
        firing = world.get("/api/v1/alerts?state=firing")["items"]
        assert firing == []
        words = [str(m["Subject"]).split(" · ")[0] for m in world.mailbox.messages]
        assert words == ["MỚI", "ĐÃ KHÔI PHỤC"]
        assert "ERROR" not in world.log("collector")
    finally:
        for host in HOSTS:
            if host in world.processes:
                world.processes[host].send_signal(signal.SIGCONT)
                world.end(host)
