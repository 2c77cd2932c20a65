"""Composition root of `wanwatch-agent`: the only place that reads the clock and names classes."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from agents import checkpoints, farewell, last_sent
from agents.agent import LOOK, Agent, Inbox
from agents.calls import Calls
from agents.checkpoints import Checkpoints
from agents.exit_codes import BAD, FINE, USAGE
from agents.exposition import Exposition, serve, told
from agents.heap import share_one_heap
from agents.hearing import hearing
from agents.host import HostSource, disk_usage, run_command
from agents.identity import Identity, IdentityError, boot_id, load_or_create
from agents.notes import Notes
from agents.only_one import only_one
from agents.plain_run import plain_run
from agents.plan import Plan, default_plan
from agents.report import PATH, Event
from agents.rotation import ROTATE_PATH, KeyRing, Rotation
from agents.scanner import Found, scan
from agents.scheduler import Scheduler
from agents.sender import Sender
from agents.settings import Settings, SettingsError
from agents.settings import load as load_settings
from agents.spool import Spool
from agents.timex import read_timex
from agents.transport import Transport
from agents.trust import tls_context
from agents.words import say

if TYPE_CHECKING:
    import argparse
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import SimpleNamespace

    from agents.check import Check
    from agents.local_page_file import LocalPage
    from agents.probing import Probing
    from agents.report import Sample
    from agents.slots import SlotFile

    Given = argparse.Namespace | SimpleNamespace

log = logging.getLogger("agents")

MAX_HANGING_MOUNTS = 64
MOUNT_LIMIT_SECONDS = 1.0
# Together with what the question why takes, 0.5 s, and the sender's end a shutdown waits 3 s.
GOODBYE_SECONDS = 1.5
POLL_SECONDS = 0.2


def uptime() -> float:
    """Return seconds since boot, the time asleep included where the system counts it."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def host_source(settings: Settings, notes: Notes | None = None) -> HostSource:
    """Return this host; without `notes` nothing of it is remembered."""
    return HostSource(
        root=settings.root,
        proc=settings.proc,
        sys=settings.sys,
        is_linux=sys.platform == "linux",
        services=settings.services,
        calls=Calls(most=MAX_HANGING_MOUNTS, monotonic=time.monotonic),
        now=time.time,
        monotonic=time.monotonic,
        disk_usage=disk_usage,
        timex=read_timex,
        run=run_command,
        hang_limit_seconds=MOUNT_LIMIT_SECONDS,
        certificates=settings.certificates,
        tls_ports=settings.tls_ports,
        textfile_directory=settings.textfile_directory,
        notes=notes or Notes(None),
    )


def this_boot(settings: Settings) -> str:
    """Return the identifier of this boot."""
    return boot_id(settings.proc, lambda: time.time() - uptime())


def chosen_checks(
    settings: Settings, beside: Mapping[str, Check[Any]] | None = None
) -> tuple[Found, Plan]:
    """Return the checks that are on and how often they run; and what runs beside them.

    Raises:
        SettingsError: A check is named that does not exist.
    """
    found = scan()
    names = settings.checks or tuple(found.checks)
    broken = {failure.module for failure in found.failures}  # reported as failing, not refused
    for name in (*names, *settings.check_every_seconds):
        if name not in found.checks and name not in broken:
            known = ", ".join(found.checks)
            raise SettingsError(f"setting 'checks' names {name!r}; allowed are {known}")
    checks = {name: found.checks[name] for name in names if name in found.checks}
    checks |= beside or {}
    plan = default_plan(checks, settings.interval_seconds, settings.check_every_seconds)
    return Found(checks, found.failures), plan


def new_scheduler(
    settings: Settings, notes: Notes | None = None, probing: Probing | None = None
) -> Scheduler:
    """Return the scheduler of this host's checks."""
    found, plan = chosen_checks(settings, probing.checks if probing else None)
    host = host_source(settings, notes)
    return Scheduler(
        found.checks, found.failures, plan, host, now=time.time, monotonic=time.monotonic
    )


def poster(settings: Settings) -> Callable[[str], Transport]:
    """Return what makes a connection for a path of the collector.

    Raises:
        SettingsError: No collector is named, or the CA file is not one.
    """
    context = tls_context(settings)
    return lambda path: Transport(
        settings.collector + path, context=context, monotonic=time.monotonic
    )


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition holds; return whether it does."""
    never, deadline = threading.Event(), time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        never.wait(POLL_SECONDS)
    return holds


def run(settings: Settings) -> int:
    """Report until SIGTERM or SIGINT."""
    context = tls_context(settings)
    identity = load_or_create(settings.data)
    with only_one(settings):
        return _run(settings, identity, context)


def _run(settings: Settings, identity: Identity, context: ssl.SSLContext | None) -> int:
    share_one_heap()
    boot = this_boot(settings)
    spool, ring = new_spool(settings, identity, boot), KeyRing(identity)
    notes = Notes(settings.data)
    where = settings.local_page
    page = new_local_page(where, settings, identity, notes) if where else None
    inbox: Inbox = Inbox()
    probing = new_probing(settings, ring, notes, context, inbox.put)
    sender = new_sender(settings, spool, ring, context, page, probing)
    show = [exposed(settings)] if settings.metrics_listen else []
    scheduler = new_scheduler(settings, notes, probing)
    agent = Agent(
        scheduler,
        spool,
        interval_seconds=settings.interval_seconds,
        wake_sender=sender.wake,
        show=[*show, page.turn] if page else show,
        facts=told(settings.metrics_listen),
        tend=page.tend if page else None,
        prepare=partial(probing.prepare, scheduler) if probing else lambda: None,
        hurry_seconds=probing.report_seconds if probing else lambda: None,
        now=time.time,
        monotonic=time.monotonic,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: inbox.put(None))
    thread = threading.Thread(target=sender.run, name="sender", daemon=True)
    thread.start()
    stopping = start_rotation(settings, ring, context)
    if probing:
        probing.start(lambda: inbox.put(LOOK))
    whom, every, waiting = settings.collector, settings.interval_seconds, len(spool)
    log.info("agent %s reports to %s every %g s", identity.agent, whom, every)
    if waiting:
        log.info("%d reports held from before", waiting)
    try:
        agent.run(inbox, [Event("agent_started", round(time.time(), 3), {"boot": boot})])
        last = farewell.goodbye(farewell.why(host_source(settings)), time.time())
        sender.send_last(agent.report_events([last]), GOODBYE_SECONDS)
    finally:
        if page:
            page.stopped()
        if probing:
            probing.stop()
        stopping.set()
        farewell.end_sender(sender, thread)
        spool.close()
        log.info("agent stopped; %d reports held", len(spool))
    return FINE


def exposed(settings: Settings) -> Callable[[Sequence[Sample]], None]:
    """Serve `/metrics` and return what is to be given each turn's samples."""
    exposition = Exposition(now=time.time)
    serve(exposition, settings.metrics_listen)
    return exposition.update


def jitter() -> float:
    """Return a random number from 0 to below 1."""
    return int.from_bytes(os.urandom(4), "big") / (1 << 32)


def new_spool(settings: Settings, identity: Identity, boot: str) -> Spool:
    """Return the spool in the data directory."""
    return Spool(
        settings.data,
        agent=identity.agent,
        boot=boot,
        limits=settings.spool,
        now=time.time,
        uptime=uptime,
    )


def new_local_page(path: Path, settings: Settings, identity: Identity, notes: Notes) -> LocalPage:
    """Return what keeps the page for the person at this machine."""
    from agents.local_page_file import LocalPage  # not every agent has a screen

    return LocalPage(
        path,
        host=socket.gethostname(),
        agent=identity.agent,
        contact=settings.contact,
        notes=notes,
        now=time.time,
        monotonic=time.monotonic,
    )


def new_sender(
    settings: Settings,
    spool: Spool,
    ring: KeyRing,
    context: ssl.SSLContext | None,
    page: LocalPage | None,
    probing: Probing | None = None,
) -> Sender:
    """Return what sends the spool's reports to the collector."""
    return Sender(
        spool,
        Transport(settings.collector + PATH, context=context, monotonic=time.monotonic),
        ring,
        collector=settings.collector,
        keep_last=partial(_keep_last, last_sent.file(settings.data)),
        now=time.time,
        monotonic=time.monotonic,
        jitter=jitter,
        heard=hearing(page, Checkpoints(settings.data / checkpoints.FILE), probing),
    )


def new_probing(
    settings: Settings,
    ring: KeyRing,
    notes: Notes,
    context: ssl.SSLContext | None,
    tell: Callable[[Event], None],
) -> Probing | None:
    """Return what this agent does over the network; None where its settings let it do nothing."""
    if not (settings.probe_networks or settings.stamp_listen or settings.receivers.is_on):
        return None
    from agents import probing

    clocks = {"now": time.time, "monotonic": time.monotonic}
    return probing.make(settings, ring, notes, context, tell, **clocks)


def start_rotation(
    settings: Settings, ring: KeyRing, context: ssl.SSLContext | None
) -> threading.Event:
    """Start what changes the key when it is old; return what stops it."""
    stopping = threading.Event()
    rotation = Rotation(
        settings.data,
        ring,
        Transport(settings.collector + ROTATE_PATH, context=context, monotonic=time.monotonic),
        key_days=settings.key_days,
        now=time.time,
    )
    threading.Thread(target=rotation.run, args=(stopping,), name="keys", daemon=True).start()
    return stopping


def _keep_last(file: SlotFile, sent: last_sent.LastSent) -> None:
    with contextlib.suppress(OSError):  # a full disk; the reports themselves matter more
        file.write(sent.to_bytes())


def selftest(settings: Settings, *, as_json: bool, verbose: bool) -> int:
    """Run each check once and print what it saw."""
    from agents import commands

    found, _ = chosen_checks(settings)
    longest = max((check.limit_seconds for check in found.checks.values()), default=0.0)
    scheduler = new_scheduler(settings)
    samples = scheduler.turn(longest)
    reasons = scheduler.reasons | {
        f.module: f"cannot be loaded: {f.reason}" for f in found.failures
    }
    return commands.selftest(samples, reasons, as_json=as_json, verbose=verbose)


def _given(argv: Sequence[str]) -> Given:
    plain = plain_run(argv)
    if plain is not None:
        return plain
    from agents import arguments

    return arguments.parser().parse_args(argv)


def _settings(given: Given) -> Settings:
    own: dict[str, object] = {
        name: getattr(given, name, None)
        for name in ("collector", "data", "interval_seconds", "ca_file")
    }
    if given.command in ("selftest", "probe") and given.config is None:
        own["data"] = own["data"] or "."  # it keeps nothing
    return load_settings(given.config, os.environ, own)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = _given(sys.argv[1:] if argv is None else argv)
    try:
        settings = _settings(given)
        logging.Formatter.converter = time.gmtime
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)sZ %(levelname)s %(message)s",
            datefmt="%Y-%m-%dT%H:%M:%S",
        )
        return run(settings) if given.command == "run" else _other(given, settings)
    except (SettingsError, IdentityError) as error:
        print(f"wanwatch-agent: {error}", file=sys.stderr)
    except BrokenPipeError:  # the reader of our output (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD
    except (OSError, ValueError) as error:
        said = say("wanwatch-agent: {error}. Is the data directory usable?", error=error)
        print(said, file=sys.stderr)
    return USAGE


def _other(given: Given, settings: Settings) -> int:
    """Run a command other than `run`; the agent itself does without what they need."""
    match given.command:
        case "enrol" | "rotate-key":
            return _about_the_key(given, settings)
        case "selftest":
            return selftest(settings, as_json=given.json, verbose=given.verbose)
        case "probe":
            from agents import probe_command

            return probe_command.run(settings, given, time.time, time.monotonic)
    from agents import commands

    if given.command == "status":
        return commands.status(settings, as_json=given.json, raw=given.raw, now=time.time())
    return commands.identity(settings, as_json=given.json)


def _about_the_key(given: Given, settings: Settings) -> int:
    import platform

    from agents import key_commands

    if given.command == "enrol":
        host = platform.node()
        return key_commands.enrol(settings, given, host=host, new_poster=poster(settings))
    return key_commands.rotate(settings, new_poster=poster(settings), wait=wait_until)


if __name__ == "__main__":
    sys.exit(main())
