"""When the host booted, and whether it had been shut down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import SourceError
from agents.checks.boot import MAX_WTMP_BYTES, RECORD, evaluate, parse_btime, parse_wtmp, read
from tests.fake_host import ROOT, fake_host
from tests.recorded_windows import BOOTED_AT

if TYPE_CHECKING:
    from pathlib import Path

BOOT = 1418183276.0
LOGIN, LOGOUT = (7, "an", 0), (8, "", 0)
SHUTDOWN = (1, "shutdown", 0)


def boot(at: float = BOOT) -> tuple[int, str, float]:
    return 2, "reboot", at


def wtmp(*records: tuple[int, str, float]) -> bytes:
    """Return a log of boots, utmp(5): type, user, seconds of each record."""
    none = (b"", b"", b"", b"")
    return b"".join(
        RECORD.pack(kind, 0, none[0], none[1], user.encode(), b"", 0, 0, 0, int(at), 0, b"", b"")
        for kind, user, at in records
    )


def test_boot_reports_when_the_host_started() -> None:
    """Without a log of boots nothing is said about the run before."""
    found = {o.name: o.value for o in evaluate(read(fake_host()), None)}

    assert found == {"node_boot_time_seconds": BOOT}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([boot(1), LOGIN, LOGOUT, SHUTDOWN, boot()], True),
        ([boot(1), LOGIN, SHUTDOWN, LOGOUT, boot(), LOGIN], True),
        ([boot(1), LOGIN, boot()], False),
        ([boot(1), SHUTDOWN, boot(2), boot()], False),
        ([LOGIN, SHUTDOWN, boot()], True),
        ([LOGIN, boot()], False),
        ([boot(), LOGIN], None),
        ([boot(1), SHUTDOWN, boot(BOOT - 700)], None),
        ([LOGIN], None),
        ([], None),
        ([(300, "", 0), SHUTDOWN, boot()], None),
    ],
)
def test_boot_tells_how_the_run_before_ended_only_where_it_is_written(
    records: list[tuple[int, str, float]], expected: bool | None
) -> None:
    """A log begun anew, of another boot or of another layout tells nothing."""
    assert parse_wtmp(wtmp(*records), BOOT) is expected


def test_boot_takes_no_log_of_another_layout() -> None:
    """Records of another size are not read as if they were ours."""
    assert parse_wtmp(wtmp(SHUTDOWN, boot()) + bytes(16), BOOT) is None


def test_boot_reads_the_end_of_a_long_log(tmp_path: Path) -> None:
    """A log of years costs no more than its last pages."""
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/stat").write_text((ROOT / "proc/stat").read_text())
    log = tmp_path / "var/log/wtmp"
    log.write_bytes(wtmp(*[LOGIN] * 2000, SHUTDOWN, boot()))
    assert log.stat().st_size > 2 * MAX_WTMP_BYTES

    found = {o.name: o.value for o in evaluate(read(fake_host(root=tmp_path)), None)}

    assert found["wanwatch_last_shutdown_clean"] == 1


def test_boot_says_so_when_the_file_is_not_the_kernels() -> None:
    """No boot time is an error, not 1970."""
    with pytest.raises(SourceError, match="btime"):
        parse_btime("cpu 1 2 3\n")


def test_boot_reads_a_host_without_procfs() -> None:
    """Windows knows when it started."""
    found = evaluate(read(fake_host(is_linux=False)), None)

    assert {o.name: o.value for o in found} == {"node_boot_time_seconds": BOOTED_AT}
