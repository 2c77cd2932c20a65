"""What the documents name exists: files, commands, make targets, sub-commands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
DOCUMENTS = [ROOT / name for name in TRACKED if name.endswith(".md")]
# Made when the program runs, by the reader, or a pattern: not in the repository.
NOT_FILES = re.compile(r"^(var/|\.venv|wheelhouse|\./var|rules/\*|/|~|https?:)|[*<>{}…]|[A-Z]{4,}")
FILE_LIKE = re.compile(r"^[\w./-]+(/|\.(py|md|yaml|toml|sh|txt|csv))$")
POLICY_FILES = {
    "units.csv",
    "hosts.csv",
    "targets.yaml",
    "hours.yaml",
    "services.yaml",
    "procedure.yaml",
    "channels.yaml",
    "people.yaml",
    "oncall.yaml",
    "sessions.yaml",
    "reports.yaml",
    "certificates.csv",
    "day.yaml",
    "alerts.yaml",
    "collector.toml",
    "agent.toml",
    "relay.toml",
}


def mentions(document: Path) -> list[str]:
    """Return what a document sets in code type that looks like a file or a folder."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", text)
    return [s for s in spans if FILE_LIKE.match(s) and not NOT_FILES.search(s)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_document_names_only_files_that_exist(document: Path) -> None:
    """A path in code type or in a link leads to something in the repository."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    missing = [
        link
        for link in links
        if not re.match(r"[a-z]+:", link) and not (document.parent / link).exists()
    ]
    tracked_names = {Path(name).name for name in TRACKED}
    for name in mentions(document):
        known = (ROOT / name).exists() or (document.parent / name).exists()
        if not known and name not in POLICY_FILES and name.rstrip("/") not in tracked_names:
            missing.append(name)

    assert missing == []


def commands_in(document: Path) -> list[list[str]]:
    """Return the command lines of a document's console blocks and code spans."""
    text = document.read_text(encoding="utf-8")
    lines = re.findall(r"`((?:make|wanwatch|wanwatch-agent) [^`\n]+)`", text)
    for block in re.findall(r"```(?:console|sh|bash)\n(.*?)```", text, flags=re.DOTALL):
        lines += [line.split("#")[0].strip().removeprefix("$ ") for line in block.splitlines()]
    return [line.removeprefix(".venv/bin/").split() for line in lines if line]


def known_words() -> dict[str, set[str]]:
    """Return make's targets and the sub-commands of both programs, from themselves."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    found = {"make": set(targets)}
    for program, module in (("wanwatch", "collector"), ("wanwatch-agent", "agents")):
        shown = subprocess.run(
            [sys.executable, "-m", module, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            env={"COLUMNS": "200", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        ).stdout
        found[program] = set(re.findall(r"^\W*([a-z][a-z-]+)\b", shown, flags=re.MULTILINE))
        found[program] |= set(re.findall(r"[{,]([a-z][a-z-]+)", shown))
    return found


def test_documents_name_only_commands_that_exist() -> None:
    """Every `make …`, `wanwatch …` and `wanwatch-agent …` in a document is understood."""
    known = known_words()
    unknown = [
        " ".join(words)
        for document in DOCUMENTS
        for words in commands_in(document)
        if words[0] in known and len(words) > 1 and re.match(r"[a-z]", words[1])
        if words[1] not in known[words[0]]
    ]

    assert unknown == []


def test_repository_names_no_registry_and_no_download_address() -> None:
    """Pinned files hold names, versions and hashes, and nothing says where they come from."""
    pinned = [ROOT / name for name in TRACKED if name.startswith("requirements/")]
    offending = [f.name for f in pinned if re.search(r"://|--index|--find-links", f.read_text())]
    unpinned = [
        line
        for f in pinned
        if f.suffix == ".txt"
        for line in f.read_text().splitlines()
        if re.match(r"\w", line) and "==" not in line
    ]

    assert (offending, unpinned) == ([], [])
