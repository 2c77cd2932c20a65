"""Values that other programs write into `*.prom` files. Source: Prometheus text format 0.0.4."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agents.host import HostSource

# Names that the other checks report: a file must not speak for them.
OWN = re.compile(
    r"wanwatch_.*|node_(bonding|boot|context|cpu|disk|dmi|filefd|filesystem|forks|intr|load\d+|md"
    r"|memory|network|nf_conntrack|os|power_supply|pressure|processes|procs|systemd|textfile|time"
    r"|timex|uname|vmstat)(_.*)?"
)
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s*(\S+)((?:\s+\S+)?)\s*")
LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\["\\n])*)"\s*(?:,|$)')
ESCAPE = re.compile(r"\\(.)")
MOST_FILES = 20
MOST_SAMPLES = 150
MAX_FILE_BYTES = 256 << 10


class BadFile(ValueError):
    """A line is not the text format, or carries a timestamp; the whole file is left out."""


@dataclass(frozen=True, slots=True)
class Textfiles:
    """Samples of all good files, when each file changed, and what was not taken."""

    samples: list[Observation] = field(default_factory=list)
    changed_at: dict[str, float] = field(default_factory=dict)
    is_bad: bool = False
    refused: int = 0
    omitted: int = 0


def parse(text: str) -> list[Observation]:
    """Return the samples of a file.

    Raises:
        BadFile: A line is wrong; the text has it.
    """
    lines = (line.strip() for line in text.splitlines())
    return [_sample(line) for line in lines if line and not line.startswith("#")]


def _sample(line: str) -> Observation:
    match = SAMPLE.fullmatch(line)
    if match is None:
        raise BadFile(f"not the text format: {line[:80]!r}")
    if match[4].strip():
        raise BadFile(f"a timestamp, which is not allowed here: {line[:80]!r}")
    try:
        return Observation(match[1], _labels(match[2] or "", line), float(match[3]))
    except ValueError as error:
        raise BadFile(f"no number: {line[:80]!r}") from error


def _labels(text: str, line: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    start = 0
    while text[start:].strip():
        match = LABEL.match(text, start)
        if match is None or match[1] in labels or match[1].startswith("__"):
            raise BadFile(f"labels: {line[:80]!r}")
        labels[match[1]] = ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], match[2])
        start = match.end()
    return labels


def take(found: list[Observation]) -> tuple[list[Observation], int, int]:
    """Return what is taken, how many were refused and how many were too many.

    Refused: our own names, a series that is there already, a value that is not finite.
    """
    kept: dict[tuple[str, frozenset[tuple[str, str]]], Observation] = {}
    refused = 0
    for sample in found:
        series = (sample.name, frozenset(sample.labels.items()))
        if OWN.fullmatch(sample.name) or series in kept or not isfinite(sample.value):
            refused += 1
        else:
            kept[series] = sample
    return list(kept.values())[:MOST_SAMPLES], refused, max(0, len(kept) - MOST_SAMPLES)


def read(host: HostSource) -> Textfiles:
    """Read the directory that agent.toml names."""
    if host.textfile_directory is None:
        raise NoData("no textfile_directory in agent.toml")
    try:
        paths = sorted(p for p in host.textfile_directory.iterdir() if p.suffix == ".prom")
    except OSError:
        return Textfiles(is_bad=True)
    found: list[Observation] = []
    changed_at: dict[str, float] = {}
    is_bad = False
    for path in paths[:MOST_FILES]:
        try:
            found += _file(path)
            changed_at[str(path)] = path.stat().st_mtime
        except (OSError, ValueError):
            is_bad = True
    kept, refused, omitted = take(found)
    omitted += max(0, len(paths) - MOST_FILES)
    return Textfiles(kept, changed_at, is_bad, refused, omitted)


def _file(path: Path) -> list[Observation]:
    if not path.is_file():  # reading a pipe would wait for whoever fills it
        raise BadFile(f"{path}: not a file")
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise BadFile(f"{path}: more than {MAX_FILE_BYTES} bytes")
    return parse(content.decode("utf-8"))


def evaluate(now: Textfiles, before: Textfiles | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the samples, and the state of the files."""
    yield from now.samples
    for path, at in now.changed_at.items():
        yield Observation("node_textfile_mtime_seconds", {"file": path}, at)
    yield Observation("node_textfile_scrape_error", {}, 1 if now.is_bad else 0)
    yield Observation("wanwatch_textfile_refused_samples", {}, now.refused)
    yield Observation("wanwatch_check_omitted_objects", {"check": "textfile"}, now.omitted)


CHECK = Check(
    "textfile", every_seconds=30, limit_seconds=5, read=read, evaluate=evaluate, most_series=173
)
