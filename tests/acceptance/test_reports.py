"""A report from the command line, with the real programs: made, signed, sent, printed, packed."""

from __future__ import annotations

import subprocess
import zipfile
from typing import TYPE_CHECKING

import httpx

from tests.acceptance.test_files import done, opened
from tests.report_samples import LETTERHEADS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.world import World

PATH = "/api/v1/documents"


def test_a_report_is_made_signed_sent_printed_and_packed(world: World, tmp_path: Path) -> None:
    """Children print and pack it; the dossier verifies with a bare Python.

    It takes as long as it takes to start a collector, an agent and two children.
    """
    policy = world.directory / "policy" / "reports.yaml"
    policy.write_text(LETTERHEADS, encoding="utf-8")
    code = opened(world)
    made = world.post(PATH, {"kind": "initial", "subject": code})
    path = f"{PATH}/{made['id']}"
    fields = {field: f"Điền {field}" for field in made["missing"]}
    world.post(f"{path}/fill", {"fields": fields})
    world.post(f"{path}/ask")
    world.post(f"{path}/sign")
    world.post(f"{path}/number", {"number": "05", "on": "2026-11-26"})
    sent = world.post(f"{path}/sent", {"recipient": "Chánh Văn phòng", "how": "Trực tiếp"})
    assert sent["met"] == ["internal_initial"]
    assert content(world, "GET", f"{path}/file?form=pdf").startswith(b"%PDF")
    target = tmp_path / "bao-cao.zip"
    done(world, "report", "export", str(made["id"]), "--to", str(target))
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "x")
    verified = subprocess.run(
        ["python3", "-I", str(tmp_path / "x" / "verify.py")],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert verified.stdout.splitlines()[-1].startswith("KHỚP")
    shown = done(world, "report", "show", str(made["id"]))
    assert "Chánh Văn phòng: Trực tiếp" in shown
    assert "ERROR" not in world.log("collector")


def content(world: World, method: str, path: str) -> bytes:
    """Return a file that is made for the request: a child starts first."""
    token = (world.data / "cli.token").read_text().strip()
    url = f"http://{world.address}:{world.port}{path}"
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.request(method, url, headers=headers, timeout=300)
    assert answer.is_success, answer.text
    return answer.content
