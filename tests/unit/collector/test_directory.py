"""hosts.csv: the hosts that must report, each mistake named by line and field."""

from __future__ import annotations

import pytest

from collector.directory import ExpectedHost, read_hosts
from incidents.yaml_lines import InvalidDocument

UNITS = {"H1", "H2"}
HEADER = "host,unit,kind,presence,interval_seconds\n"


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidDocument) as caught:
        read_hosts(text.encode(), units=UNITS)
    assert {problem.file for problem in caught.value.problems} == {"hosts.csv"}
    return [(p.line, p.field, p.message_en) for p in caught.value.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_hosts_are_read_as_excel_writes_them(delimiter: str) -> None:
    """Any delimiter, remarks, columns left out; the same name in two units is two hosts."""
    text = "# hosts\nunit,host,kind,presence\nH1,may-1,server,\nH2,may-1,workstation,sometimes\n"
    assert read_hosts(text.replace(",", delimiter).encode(), units=UNITS) == [
        ExpectedHost("H1", "may-1", "server"),
        ExpectedHost("H2", "may-1", "workstation", "sometimes"),
    ]


def test_no_host_is_a_directory_too() -> None:
    """A header alone says that nobody is expected."""
    assert read_hosts(HEADER.encode(), units=UNITS) == []


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        (",H1,server,,", "host", "empty"),
        ("may\u202e,H1,server,,", "host", "U+202E"),
        ("may-1,H9,server,,", "unit", "no unit 'H9'"),
        ("may-1,H1,printer,,", "kind", "one of server"),
        ("may-1,H1,server,nights,", "presence", "one of always"),
        ("may-1,H1,server,,0", "interval_seconds", "from 1 to 3600"),
        ("may-1,H1,server,,3601", "interval_seconds", "from 1 to 3600"),
        ("may-1,H1,server,,1e3", "interval_seconds", "whole seconds"),
        ("may-1,H1,server,,١", "interval_seconds", "whole seconds"),
        ("MAY-O,H1,server,,", "host", "looks like 'may-0' of the same unit in line 2"),
    ],
)
def test_mistake_is_named_by_line_and_field(row: str, field: str, words: str) -> None:
    """What was given, what is allowed, where."""
    found = problems(f"{HEADER}may-0,H1,server,,\n{row}\n")
    assert [(line, name) for line, name, _ in found] == [(3, field)]
    assert words in found[0][2]
