"""Whether a restart is due and how old the packages are; only what the system already wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agents.host import HostSource

REBOOT_FILE = "run/reboot-required"
# Written at the end of a successful refresh: apt's lists, then dnf's cache.
LISTS = ("var/lib/apt/periodic/update-success-stamp", "var/lib/apt/lists", "var/cache/dnf")
# Written by every installation: dpkg's, then rpm's.
PACKAGES = ("var/lib/dpkg/status", "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages")
# Source: update-notifier-common writes this file after apt ran; two generations of its words.
PENDING_FILE = "var/lib/update-notifier/updates-available"
PENDING = re.compile(
    r"^(\d+) (?:updates?|packages?) can be (?:applied immediately|updated)", re.MULTILINE
)
SECURITY = re.compile(
    r"^(\d+) (?:of these updates |updates? )(?:is|are) (?:an? )?(?:standard )?security update",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Updates:
    """What is known of updates.

    Attributes:
        reboot_required: A restart is needed for what was installed.
        signs: What says that a restart waits, also where none is needed.
        ages_seconds: By kind: `lists` since updates were looked for, `packages` since installed.
        pending: Updates that wait; None where nobody counted.
    """

    reboot_required: bool
    signs: frozenset[str]
    ages_seconds: dict[str, float]
    pending: int | None = None
    pending_security: int | None = None


def newer_kernel(running: str, installed: Iterable[str]) -> str | None:
    """Return the newest installed kernel of the running one's flavour if it is newer.

    Args:
        running: As `uname -r` says it, 6.1.0-28-amd64.
        installed: The same of every kernel under /boot.
    """
    flavour = _flavour(running)
    candidates = [k for k in installed if _flavour(k) == flavour and "rescue" not in k]
    newest = max(candidates, key=_version, default=running)
    return newest if _version(newest) > _version(running) else None


def _flavour(release: str) -> str:
    """Return what follows the version: amd64, generic; a release of Red Hat's has none."""
    last = release.rpartition("-")[2]
    return last if last[:1].isalpha() else ""


def _version(release: str) -> tuple[int, ...]:
    version = release.removesuffix(f"-{_flavour(release)}")
    version = re.split(r"\.(?:x86_64|aarch64)", version)[0]
    return tuple(int(number) for number in re.findall(r"\d+", version))


def parse_pending(text: str) -> tuple[int | None, int | None]:
    """Return all and security updates; a text in another language gives none."""
    all_of_them, security = PENDING.search(text), SECURITY.search(text)
    if all_of_them is None:
        return None, None
    return int(all_of_them[1]), int(security[1]) if security else 0


def read(host: HostSource) -> Updates:
    """Read files and their times; no package manager is started."""
    if not host.is_linux:
        return _read_windows(host)
    ages = {}
    for kind, names in (("lists", LISTS), ("packages", PACKAGES)):
        changed_at = [at for name in names if (at := _changed_at(host, name)) is not None]
        if changed_at:
            ages[kind] = max(0.0, host.now() - max(changed_at))
    if not ages and not (host.root / "boot").is_dir():
        raise NoData("no package system that is known here")
    signs = frozenset(_signs(host))
    return Updates(bool(signs), signs, ages, *_pending(host))


def _read_windows(host: HostSource) -> Updates:
    from agents.windows_updates import IS_NO_NEED, reboot_signs, updated_at

    signs = reboot_signs(host.windows)
    ages = {kind: max(0.0, host.now() - at) for kind, at in updated_at(host.windows).items()}
    return Updates(bool(signs - IS_NO_NEED), signs, ages)


def _signs(host: HostSource) -> Iterator[str]:
    if (host.root / REBOOT_FILE).exists():
        yield "file"
    running = host.proc_text("sys/kernel/osrelease").strip()
    installed = [path.name.partition("-")[2] for path in (host.root / "boot").glob("vmlinuz-*")]
    if newer_kernel(running, installed) is not None:
        yield "kernel"


def _pending(host: HostSource) -> tuple[int | None, int | None]:
    try:
        return parse_pending(host.root_text(PENDING_FILE))
    except SourceError:
        return None, None


def _changed_at(host: HostSource, name: str) -> float | None:
    try:
        return (host.root / name).stat().st_mtime
    except OSError:
        return None


def evaluate(now: Updates, before: Updates | None) -> Iterator[Observation]:
    """Yield the facts; how old is too old is not said here. A sign that ended is 0 once."""
    yield Observation("wanwatch_reboot_required", {}, 1 if now.reboot_required else 0)
    for sign in sorted(now.signs | (before.signs if before else frozenset())):
        value = 1 if sign in now.signs else 0
        yield Observation("wanwatch_reboot_sign_info", {"sign": sign}, value)
    for kind, seconds in now.ages_seconds.items():
        yield Observation("wanwatch_updates_age_seconds", {"kind": kind}, round(seconds))
    if now.pending is not None:
        yield Observation("wanwatch_updates_pending_packages", {}, now.pending)
    if now.pending_security is not None:
        yield Observation("wanwatch_updates_pending_security_packages", {}, now.pending_security)


CHECK = Check(
    "updates", every_seconds=60, limit_seconds=10, read=read, evaluate=evaluate, most_series=14
)
