"""`wanwatch procedure` without a collector: files and shipped rulesets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from collector.cli import app

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str, data: Path, lang: str = "vi_VN.UTF-8") -> tuple[int, str]:
    """Exit code and output; no collector runs on `data`."""
    done = CliRunner().invoke(
        app, ["procedure", *words, "--data", str(data)], env={"LANG": lang, "LC_ALL": ""}
    )
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("vi_VN.UTF-8", ["quy định", "đề xuất, không phải quy định", "cần xác nhận", "CHƯA CHỌN"]),
        ("C.UTF-8", ["rule of law", "proposal, not law", "to be confirmed", "NOT CHOSEN"]),
    ],
)
def test_show_says_what_is_law_and_what_is_not_confirmed(
    tmp_path: Path, lang: str, words: list[str]
) -> None:
    """A table of numbers and a diagram of stages, in the terminal's language."""
    code, text = run("show", "vn-2026", data=tmp_path, lang=lang)

    assert code == 0
    assert all(word in text for word in words)
    assert "deadlines.bca_24h" in text
    assert "(ung_cuu_ban_dau)" in text
    assert "▼" in text


def test_show_prints_json(tmp_path: Path) -> None:
    """Everything, for programs."""
    _, text = run("show", "internal", "--json", data=tmp_path)
    shown = json.loads(text)

    assert shown["id"] == "internal"
    assert {item["is_law"] for item in shown["items"]} == {False}
    assert shown["content"]["id"] == "internal"


def test_diff_of_files_ends_with_one_when_they_differ(tmp_path: Path) -> None:
    """Ids and files may be mixed."""
    own = tmp_path / "own.yaml"
    own.write_text("extends: vn-2026\nid: vn-2026\n", encoding="utf-8")
    assert run("diff", "vn-2026", str(own), data=tmp_path) == (0, run(
        "diff", "vn-2026", "vn-2026", data=tmp_path
    )[1])  # fmt: skip
    own.write_text("extends: vn-2026\nid: tinh\n", encoding="utf-8")

    code, text = run("diff", "vn-2026", str(own), data=tmp_path)

    assert code == 1
    assert "tinh" in text


def test_file_with_mistakes_is_explained(tmp_path: Path) -> None:
    """File, line, field, what was given and what is allowed; exit code 2."""
    own = tmp_path / "own.yaml"
    own.write_text("extends: vn-2026\nid: x\nfirst_told: [truc_ca]\n", encoding="utf-8")

    code, text = run("show", str(own), data=tmp_path)

    assert code == 2
    assert "own.yaml:3: first_told[0]: 'truc_ca' is not defined; allowed: nha_mang," in text
    assert run("show", "nothing.yaml", data=tmp_path)[0] == 2
