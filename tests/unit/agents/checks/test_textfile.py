"""The text format of other programs' files, and what is not taken from them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agents.check import Observation
from agents.checks.textfile import (
    CHECK,
    MOST_FILES,
    MOST_SAMPLES,
    BadFile,
    evaluate,
    parse,
    read,
    take,
)
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from pathlib import Path


def test_textfile_reads_names_labels_and_values() -> None:
    """Escapes, spaces, a comma at the end, comments, scientific numbers."""
    text = '# HELP a b\n\na_total{x="1,}",y="q\\"\\\\\\n",} 1e3\nb   -2.5\nc{ } 3\n'

    assert parse(text) == [
        Observation("a_total", {"x": "1,}", "y": 'q"\\\n'}, 1000),
        Observation("b", {}, -2.5),
        Observation("c", {}, 3),
    ]


@pytest.mark.parametrize(
    "line",
    ["a 1 1395066363000", "a", "1a 1", "a{x=1} 1", 'a{x="1",x="2"} 1', "a one", 'a{__x="1"} 1'],
)
def test_textfile_refuses_a_file_with_a_bad_line(line: str) -> None:
    """A timestamp is as wrong as nonsense: the file may be old, its values are not new."""
    with pytest.raises(BadFile):
        parse(f"good 1\n{line}\n")


def test_textfile_takes_no_name_of_ours_no_series_twice_and_no_infinity() -> None:
    """They are counted; the rest is taken."""
    found = parse("good 1\ngood 2\nnode_load1 0\nwanwatch_agent_up 1\nx NaN\ny +Inf\n")

    assert take(found) == ([Observation("good", {}, 1)], 5, 0)


def test_textfile_leaves_out_a_bad_file_and_keeps_the_others() -> None:
    """The error is a value that node-mixin's alert reads."""
    found = {o.name: o.value for o in evaluate(read(fake_host()), None)}

    assert found["backup_last_success_timestamp_seconds"] == 1.7e9
    assert found["node_textfile_scrape_error"] == 1
    assert found["wanwatch_textfile_refused_samples"] == 1
    assert "stamped" not in found


def test_textfile_keeps_its_series_few(tmp_path: Path) -> None:
    """150 samples of 20 files at most, and the rest is counted."""
    directory = tmp_path / "textfile"
    directory.mkdir()
    for number in range(30):
        lines = "".join(f'm{{file="{number:02}",n="{n}"}} 1\n' for n in range(20))
        (directory / f"{number:02}.prom").write_text(lines)

    found = read(fake_host(root=tmp_path))

    assert found.omitted == MOST_FILES * 20 - MOST_SAMPLES + 10
    assert len(list(evaluate(found, None))) <= CHECK.most_series


def test_textfile_says_so_when_the_directory_is_not_there(tmp_path: Path) -> None:
    """A directory that is named and missing is an error."""
    assert read(fake_host(root=tmp_path)).is_bad


def test_textfile_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    """What is no file is an error like any other; the files beside it are taken."""
    directory = tmp_path / "textfile"
    directory.mkdir()
    os.mkfifo(directory / "a.prom")
    (directory / "b.prom").write_text("good 1\n")

    found = read(fake_host(root=tmp_path))

    assert found.is_bad
    assert found.samples == [Observation("good", {}, 1)]
