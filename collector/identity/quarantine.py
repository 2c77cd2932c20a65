"""A key that two machines use: its data is refused and its contact counts, until a person says so.

Nobody can tell from here which of the two is the right one; the usual cause is a virtual machine
that was restored from an older state, and then there is only one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.ranges import Arrival, receive
from collector.states import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from collector.fleet import Host
    from collector.wire import WireReport


def is_used_twice(host: Host, report: WireReport) -> bool:
    """Say whether a request with a state that is not the host's comes from another machine."""
    arrival, _ = receive(host.received, report.seq, report.oldest)
    return host.refused.shows_another_machine(
        report.seq,
        report.sent_at,
        is_new_seq=arrival is not Arrival.DUPLICATE,
        newest_sent_at=host.newest_sent_at,
    )


def note_contact(host: Host, report: WireReport, now: datetime) -> bool:
    """Count a request of a quarantined key as a sign of life; one that is repeated is none."""
    if report.sent_at <= host.newest_sent_at:
        return False
    host.newest_sent_at = report.sent_at
    host.last_report_at = now
    return True


def reattach(host: Host) -> None:
    """Let the next machine that comes with this key be its holder, whatever state it has."""
    host.quarantined_at = None
    host.handed, host.refused = host.handed.opened(), Refused()
