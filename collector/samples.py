"""What is known of hosts around an instant, as a file of evidence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.host import Host

MOST_SERIES = 2_000


def samples_file(
    *, code: str, cause: int, what: str, after: bool, hosts: Iterable[Host], at: datetime
) -> bytes:
    """Return the file: for each host its indicators, a value a minute for the hour before `at`.

    Args:
        what: What the entry `cause` says: opened, recovered.
        after: It is the hour after that entry.
    """
    content = {
        "v": 1,
        "incident": code,
        "entry": cause,
        "what": what,
        "hour": "after" if after else "before",
        "made_at": at.isoformat(),
        "minutes": "the last of 60 values is the minute of made_at; null: nothing came",
        "hosts": [_host(host, at) for host in hosts],
    }
    return _json(content)


def policy_file(*, code: str, revision: str, files: Mapping[str, str] | None) -> bytes:
    """Return the file: every policy file in force without its secrets; None: it is not known."""
    return _json({"v": 1, "incident": code, "revision": revision, "files": files})


def _host(host: Host, at: datetime) -> dict[str, Any]:
    latest = sorted(host.latest.items())[:MOST_SERIES]
    return {
        "agent": host.agent,
        "host": host.host,
        "unit": host.unit,
        "kind": host.kind,
        "last_report_at": host.last_report_at.isoformat() if host.last_report_at else None,
        "indicators": {
            name: indicator.last_hour(at.timestamp())
            for name, indicator in sorted(host.indicators.items())
        },
        "latest": [
            {"metric": name, "labels": dict(labels), "value": one.value, "at": one.at.isoformat()}
            for (name, labels), one in latest
        ],
    }


def _json(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
    return text.encode() + b"\n"
