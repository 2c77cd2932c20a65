"""What a process costs in memory when only some others are there: counted page by page.

The kernel's own PSS divides a shared page by all that map it, so that it depends on what else runs.
Source: Documentation/admin-guide/mm/pagemap.rst; proc(5), /proc/PID/maps.
"""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PAGE_BYTES = 4096
PRESENT, OF_A_FILE = 1 << 63, 1 << 61
UNREADABLE = "---p"  # address space that is only reserved

File = tuple[str, str]  # device and inode
FilePages = dict[File, set[int]]


class Mapping(NamedTuple):
    """One line of the maps; `first_page` counts within the file."""

    start: int
    end: int
    file: File
    first_page: int
    name: str


class Resident(NamedTuple):
    """What of a process is in memory: pages of its own, and pages of files."""

    own_pages: int
    file_pages: FilePages

    @property
    def bytes(self) -> int:
        """All of it: the resident set size."""
        return (self.own_pages + sum(map(len, self.file_pages.values()))) * PAGE_BYTES


def mappings(pid: int) -> Iterator[Mapping]:
    """Yield the readable mappings of a process."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        addresses, mode, offset, device, inode, *name = line.split(maxsplit=5)
        if mode != UNREADABLE:
            start, _, end = addresses.partition("-")
            first_page = int(offset, 16) // PAGE_BYTES
            file = (device, inode)
            yield Mapping(int(start, 16), int(end, 16), file, first_page, "".join(name))


def resident(pid: int, only: Collection[File] | None = None) -> Resident:
    """Look at every page of a process, or of the mappings of some files; needs root.

    Raises:
        OSError: It ended, or may not be looked at.
    """
    own_pages = 0
    file_pages: FilePages = defaultdict(set)
    with Path(f"/proc/{pid}/pagemap").open("rb", buffering=0) as pagemap:
        for mapping in mappings(pid):
            if only is not None and mapping.file not in only:
                continue
            count = (mapping.end - mapping.start) // PAGE_BYTES
            pagemap.seek(mapping.start // PAGE_BYTES * 8)
            entries = pagemap.read(count * 8)
            for page, (entry,) in enumerate(struct.iter_unpack("<Q", entries)):
                if entry & PRESENT and entry & OF_A_FILE:
                    file_pages[mapping.file].add(mapping.first_page + page)
                elif entry & PRESENT:
                    own_pages += 1
    return Resident(own_pages, file_pages)


def pss_bytes(pid: int, *, without: Collection[int]) -> float:
    """Return the proportional set size, as if the processes in `without` did not run."""
    own = resident(pid)
    others = [other for other in _pids() if other not in {pid, *without}]
    sharers: dict[File, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for other in others:
        try:
            for file, pages in resident(other, own.file_pages).file_pages.items():
                for page in pages & own.file_pages[file]:
                    sharers[file][page] += 1
        except OSError:
            continue  # it ended meanwhile, or is a thread of the kernel
    shared = sum(
        PAGE_BYTES / (1 + sharers[file][page])
        for file, pages in own.file_pages.items()
        for page in pages
    )
    return own.own_pages * PAGE_BYTES + shared


def running_the_same(pid: int) -> set[int]:
    """Return the other processes of the same interpreter: they map its file or its library."""
    wanted = {m.file for m in mappings(pid) if re.search(r"/(lib)?python3[^/]*$", m.name)}
    found = set()
    for other in _pids():
        try:
            files = {mapping.file for mapping in mappings(other)}
        except OSError:
            continue
        if other != pid and files & wanted:
            found.add(other)
    return found


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
