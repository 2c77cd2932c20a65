"""What an agent is told about whom it hears unasked; no input or output."""

from __future__ import annotations

from dataclasses import dataclass

# RFC 5424 section 6.2.1, the worst first.
SEVERITIES = (
    "emergency",
    "alert",
    "critical",
    "error",
    "warning",
    "notice",
    "informational",
    "debug",
)


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """Where traps and syslog are heard, and from whom.

    Attributes:
        trap_listen: IP:PORT of UDP for SNMP notifications; empty for nowhere.
        syslog_listen: IP:PORT of UDP and of TCP for syslog; empty for nowhere.
        quality_listen: IP:PORT of UDP for reports of voice quality by SIP; empty for nowhere.
        syslog_severity: The least severe that is told.
        receive_from: Networks whose devices are heard.
        receive_most_per_minute: Messages of one device.
    """

    trap_listen: str = ""
    syslog_listen: str = ""
    syslog_severity: str = "warning"
    receive_from: tuple[str, ...] = ()
    receive_most_per_minute: float = 120.0
    quality_listen: str = ""

    @property
    def is_on(self) -> bool:
        """Say whether anything is heard at all."""
        return bool(self.trap_listen or self.syslog_listen or self.quality_listen)
