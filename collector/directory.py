"""hosts.csv → the hosts that must report, written down before they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

from collector.csv_file import Columns, read_cells, text_of
from collector.host_names import check_host_name, skeleton
from collector.liveness import Presence
from collector.rules.rules import HostKind
from incidents.yaml_lines import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from collector.inventory import Why

FILE = "hosts.csv"
HOST_KINDS: tuple[str, ...] = get_args(HostKind)
PRESENCES = tuple(presence.value for presence in Presence)
MIN_INTERVAL_SECONDS, MAX_INTERVAL_SECONDS = 1, 3_600
_COLUMNS = Columns(
    FILE, ("host", "unit", "kind", "presence", "interval_seconds"), ("host", "unit", "kind")
)


class ExpectedHost(NamedTuple):
    """One host that must report; an empty presence or interval leaves what enrolment said."""

    unit: str
    host: str
    kind: str
    presence: str = ""
    interval_seconds: int = 0


def read_hosts(content: bytes, *, units: Container[str]) -> list[ExpectedHost]:
    """Return the hosts of a file; `units` are the codes of units.csv.

    Raises:
        InvalidDocument: With every problem, each with its line and field.
    """
    problems: list[Problem] = []
    hosts: list[ExpectedHost] = []
    taken: dict[tuple[str, str], tuple[str, int]] = {}
    for line, cells in read_cells(text_of(content, FILE), _COLUMNS, problems):
        wrong = list(_row_problems(cells, units))
        other, before = taken.setdefault(
            (cells["unit"], skeleton(cells["host"])), (cells["host"], line)
        )
        if before != line:
            said = f"looks like {other!r} of the same unit in line {before}; choose another name"
            said_vi = f"giống {other!r} của cùng đơn vị ở dòng {before}; chọn tên khác"
            wrong.append(("host", said, said_vi))
        problems += [Problem(FILE, line, *why) for why in wrong]
        if not wrong:
            hosts.append(_host(cells))
    if problems:
        raise InvalidDocument(problems)
    return hosts


def _row_problems(cells: dict[str, str], units: Container[str]) -> Iterator[Why]:
    if (reason := check_host_name(cells["host"])) is not None:
        yield "host", reason, f"{cells['host']!r} không dùng làm tên máy được"
    if (unit := cells["unit"]) not in units:
        yield "unit", f"there is no unit {unit!r} in units.csv", f"units.csv không có {unit!r}"
    if (kind := cells["kind"]) not in HOST_KINDS:
        listed = ", ".join(HOST_KINDS)
        yield "kind", f"{kind!r}; one of {listed}", f"{kind!r}; một trong {listed}"
    if (presence := cells["presence"]) and presence not in PRESENCES:
        listed = ", ".join(PRESENCES)
        yield "presence", f"{presence!r}; one of {listed}", f"{presence!r}; một trong {listed}"
    if (text := cells["interval_seconds"]) and not _is_interval(text):
        least, most = MIN_INTERVAL_SECONDS, MAX_INTERVAL_SECONDS
        message = f"{text!r}; whole seconds from {least} to {most}"
        yield "interval_seconds", message, f"{text!r}; số giây nguyên từ {least} đến {most}"


def _is_interval(text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) <= 4
    return is_number and MIN_INTERVAL_SECONDS <= int(text) <= MAX_INTERVAL_SECONDS


def _host(cells: dict[str, str]) -> ExpectedHost:
    return ExpectedHost(
        cells["unit"],
        cells["host"],
        cells["kind"],
        cells["presence"],
        int(cells["interval_seconds"] or 0),
    )
