"""What of an incident is given to a partner office: chosen fields, as bytes that never change."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from incidents.timeline import canonical_json, microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from incidents.state import Incident

VERSION = 1


def _instant(at: datetime | None) -> int | None:
    return None if at is None else microseconds(at)


# Code → Vietnamese, English, what it is. Instants are microseconds since 1970 UTC.
FIELDS: dict[str, tuple[str, str, Callable[[Incident], object]]] = {
    "summary": ("Mô tả", "Summary", lambda i: i.summary_vi),
    "class": ("Loại", "Class", lambda i: i.class_code),
    "nature": ("Tính chất", "Nature", lambda i: i.nature),
    "severity": ("Mức độ", "Severity", lambda i: i.severity),
    "impact": ("Mức ảnh hưởng", "Impact", lambda i: i.impact),
    "scope": ("Phạm vi ảnh hưởng", "Scope", lambda i: i.scope),
    "stage": ("Giai đoạn", "Stage", lambda i: i.stage),
    "unit": ("Đơn vị", "Unit", lambda i: i.unit_name),
    "host": ("Máy", "Host", lambda i: i.host),
    "detected_at": ("Phát hiện lúc", "Detected at", lambda i: _instant(i.detected_at)),
    "acknowledged_at": ("Tiếp nhận lúc", "Acknowledged", lambda i: _instant(i.acknowledged_at)),
    "recovered_at": ("Khôi phục lúc", "Recovered at", lambda i: _instant(i.recovered_at)),
    "ended_at": ("Kết thúc lúc", "Ended at", lambda i: _instant(i.ended_at)),
    "root_cause": ("Nguyên nhân gốc", "Root cause", lambda i: i.root_cause),
    "tlp": ("TLP", "TLP", lambda i: i.work.tlp),
}


def content(incident: Incident, fields: Iterable[str]) -> str:
    """Return the chosen fields of an incident as one JSON text.

    Raises:
        KeyError: There is no such field.
    """
    chosen = {name: FIELDS[name][2](incident) for name in sorted(set(fields))}
    return canonical_json({"v": VERSION, "incident": incident.code, "fields": chosen})


def digest(text: str) -> str:
    """Return the SHA-256 of what is given, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
