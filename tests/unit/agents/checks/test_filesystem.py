"""File systems: which are watched, what is reported, and that a dead mount harms no other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from agents.checks.filesystem import (
    CHECK,
    HANGING,
    MOST_MOUNTS,
    Filesystems,
    Mount,
    evaluate,
    parse_mounts,
    read,
)
from agents.host import DiskUsage, usage_by_psutil
from tests.fake_host import USAGE, fake_host
from tests.recorded_windows import recorded

if TYPE_CHECKING:
    from agents.check import Observation

DATA = Mount("/dev/sdb1", "/srv", "ext4", False)


def by_name(found: list[Observation]) -> dict[str, float]:
    return {o.name: o.value for o in found}


def test_filesystem_watches_real_ones_and_the_root() -> None:
    """Pseudo file systems and those under /dev are left out; escapes are undone."""
    found = read(fake_host())

    assert [(m.mountpoint, m.fstype, m.is_readonly) for m in found.usage] == [
        ("/", "ext4", False),
        ("/srv/data", "ext4", True),
        ("/mnt/with space", "vfat", False),
    ]


@pytest.mark.parametrize(
    ("line", "is_watched"),
    [
        ("overlay / overlay rw 0 0", True),
        ("rootfs / rootfs rw 0 0", False),
        ("tmpfs /run tmpfs rw 0 0", True),
        ("tmpfs /devices tmpfs rw 0 0", True),
        ("tmpfs /dev/shm tmpfs rw 0 0", False),
        ("ramfs /run/credentials/x.service ramfs ro 0 0", False),
        ("server:/export /home nfs4 rw 0 0", True),
        ("cgroup2 /cg cgroup2 rw 0 0", False),
        ("overlay /var/lib/docker/overlay2/a/merged overlay rw 0 0", False),
    ],
)
def test_filesystem_leaves_out_what_node_exporter_leaves_out(line: str, is_watched: bool) -> None:
    """The defaults are node_exporter's, except that a container's root is kept."""
    assert bool(parse_mounts(line)) is is_watched


def test_filesystem_reports_the_mount_that_hides_the_others() -> None:
    """Two mounts on one point: only the later can be seen."""
    found = parse_mounts("/dev/a /srv ext4 rw 0 0\n/dev/b /srv xfs rw 0 0\n")

    assert [mount.device for mount in found] == ["/dev/b"]


def test_filesystem_reports_usage_as_df_does() -> None:
    """Blocks kept for root count neither as used nor as available."""
    found = by_name(list(evaluate(Filesystems({DATA: USAGE}), None)))

    assert found["node_filesystem_size_bytes"] == 1000
    assert found["node_filesystem_avail_bytes"] == 250
    assert found["wanwatch_filesystem_used_ratio"] == round(700 / 950, 6)
    assert found["wanwatch_filesystem_files_used_ratio"] == 0.6
    assert found["node_filesystem_device_error"] == 0


def test_filesystem_without_a_limit_of_files_has_no_series_for_them() -> None:
    """FAT and btrfs count no inodes: no series instead of 100 %."""
    found = by_name(list(evaluate(Filesystems({DATA: DiskUsage(10, 5, 5, 0, 0)}), None)))

    assert "node_filesystem_files" not in found
    assert "wanwatch_filesystem_files_used_ratio" not in found


def test_filesystem_without_blocks_is_left_out() -> None:
    """A dummy of size 0 would make every ratio a division by zero."""
    found = list(evaluate(Filesystems({DATA: DiskUsage(0, 0, 0, 0, 0)}), None))

    assert [o.name for o in found] == ["wanwatch_check_omitted_objects"]


def test_filesystem_clears_the_error_once_when_it_ends() -> None:
    """The series that carried the error as a label goes to 0, so that an alert on it resolves."""
    broken = Filesystems(errors={DATA: "Input/output error"})
    found = list(evaluate(Filesystems({DATA: USAGE}), broken))

    errors = {o.labels["device_error"]: o.value for o in found if o.name.endswith("device_error")}
    assert errors == {"": 0, "Input/output error": 0}
    assert "Input/output error" not in str(list(evaluate(Filesystems({DATA: USAGE}), None)))


def test_filesystem_that_hangs_is_skipped_and_the_others_are_read() -> None:
    """A dead mount is marked, costs its limit once, and holds exactly one thread."""
    server_is_back = threading.Event()
    asked: list[str] = []

    def usage(path: str) -> DiskUsage:
        asked.append(path)
        if path.endswith("srv/data"):
            server_is_back.wait()
        return USAGE

    host = fake_host(disk_usage=usage, hang_limit_seconds=0.05)
    before = threading.active_count()
    readings = [read(host) for _ in range(3)]

    for found in readings:
        assert {m.mountpoint: e for m, e in found.errors.items()} == {"/srv/data": HANGING}
        assert {m.mountpoint for m in found.usage} == {"/", "/mnt/with space"}
    assert sum(path.endswith("srv/data") for path in asked) == 1
    assert threading.active_count() == before + 1

    hanging = next(t for t in threading.enumerate() if t.name.endswith("srv/data"))
    server_is_back.set()
    hanging.join()
    assert not read(host).errors


def test_filesystem_that_refuses_is_reported_with_the_reason() -> None:
    """An error of the device is a value, not the end of the check."""

    def usage(path: str) -> DiskUsage:
        raise OSError(5, "Input/output error")

    found = read(fake_host(disk_usage=usage))

    assert set(found.errors.values()) == {"Input/output error"}
    assert by_name(list(evaluate(found, None)))["node_filesystem_device_error"] == 1


def test_filesystem_counts_what_it_leaves_out_on_a_host_with_hundreds() -> None:
    """The number of series is bounded and the rest is counted, never silently gone."""
    many = Filesystems({Mount(f"/dev/{n}", f"/{n}", "ext4", False): USAGE for n in range(3)}, {}, 9)

    assert list(evaluate(many, None))[-1].value == 9
    assert CHECK.most_series > MOST_MOUNTS * 9


def test_filesystem_names_that_are_not_text_do_not_break_the_report() -> None:
    """A mount point of bytes that are not UTF-8 is shown with replacement marks."""
    mount = Mount("/dev/x", "/srv/\udcff", "ext4", False)

    labels = next(iter(evaluate(Filesystems({mount: USAGE}), None))).labels

    assert labels["mountpoint"] == "/srv/\ufffd"


def test_filesystem_reads_a_host_without_procfs() -> None:
    """Fixed drives are there; an empty card reader and a disc are not."""
    windows = recorded()
    found = read(
        fake_host(
            is_linux=False,
            windows=windows,
            disk_usage=lambda path: usage_by_psutil(windows.psutil().disk_usage(path)),
        )
    )

    assert [(m.mountpoint, m.fstype, m.is_readonly) for m in found.usage] == [
        ("C:\\", "NTFS", False),
        ("D:\\", "NTFS", True),
    ]
    assert {(u.size_bytes, u.avail_bytes, u.files) for u in found.usage.values()} == {
        (200 << 30, 50 << 30, 0)
    }
    names = {o.name for o in evaluate(found, None)}
    assert not names & {"node_filesystem_files", "wanwatch_filesystem_files_used_ratio"}
