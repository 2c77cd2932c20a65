"""How instants, ages and quantities are written, in Vietnamese and in English."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collector.console import formats
from collector.console.texts import Texts, choose_language

VI, EN = Texts("vi"), Texts("en")
NOW = datetime(2026, 11, 23, 19, 12, 40, tzinfo=UTC)


def test_instant_is_shown_in_vietnam() -> None:
    """19:12 in UTC is after midnight here."""
    assert formats.local_time(NOW) == "24/11/2026 02:12"
    assert formats.exact_time(NOW) == "24/11/2026 02:12:40"
    assert formats.rfc3339(NOW) == "2026-11-23T19:12:40Z"


@pytest.mark.parametrize(
    ("seconds", "vietnamese", "english"),
    [
        (-5, "0 giây trước", "0 s ago"),
        (0, "0 giây trước", "0 s ago"),
        (12, "12 giây trước", "12 s ago"),
        (60, "1 phút trước", "1 min ago"),
        (312, "5 phút 12 giây trước", "5 min 12 s ago"),
        (7500, "2 giờ 5 phút trước", "2 h 5 min ago"),
        (2 * 86400 + 30, "2 ngày trước", "2 d ago"),
    ],
)
def test_age_is_written_in_two_units(seconds: int, vietnamese: str, english: str) -> None:
    """The two largest units say enough; what lies in the future counts as now."""
    instant = NOW - timedelta(seconds=seconds)
    assert formats.age(instant, NOW, VI) == vietnamese
    assert formats.age(instant, NOW, EN) == english


def test_deadline_is_late_at_its_instant() -> None:
    """At the due instant nothing is left."""
    assert formats.remaining(NOW + timedelta(seconds=1), NOW, VI) == "còn 1 giây"
    assert formats.remaining(NOW, NOW, VI) == "quá hạn 0 giây"
    assert formats.remaining(NOW - timedelta(minutes=3), NOW, EN) == "3 min overdue"


@pytest.mark.parametrize(
    ("name", "value", "vietnamese", "english"),
    [
        ("cpu_used_ratio", 0.523, "52 %", "52 %"),
        ("cpu_used_ratio", 0.031, "3,1 %", "3.1 %"),
        ("receive_bytes_per_second", 1_234_567.0, "1,2 MB/s", "1.2 MB/s"),
        ("node_memory_MemAvailable_bytes", 999.0, "999 B", "999 B"),
        ("clock_offset_seconds", 0.00123, "1,2 ms", "1.2 ms"),
        ("node_pressure_seconds_total", 12345.5, "12.345,5 s", "12,345.5 s"),
        ("node_boot_time_seconds", 1795461160.0, "24/11/2026 02:12", "24/11/2026 02:12"),
        ("node_load1", 1234.5, "1.234,50", "1,234.50"),
        ("node_load1", 3.0, "3", "3"),
        ("node_load1", float("nan"), "–", "–"),
    ],
)
def test_quantity_follows_the_name_of_its_metric(
    name: str, value: float, vietnamese: str, english: str
) -> None:
    """Ratios are percent, bytes get a prefix, and the decimal mark is the language's own."""
    assert formats.quantity(name, value, "vi") == vietnamese
    assert formats.quantity(name, value, "en") == english


@pytest.mark.parametrize(
    ("asked", "remembered", "chosen"),
    [
        (None, None, "vi"),
        ("en", None, "en"),
        (None, "en", "en"),
        ("vi", "en", "vi"),
        ("x", "", "vi"),
    ],
)
def test_language_is_vietnamese_unless_another_is_asked_for(
    asked: str | None, remembered: str | None, chosen: str
) -> None:
    """The address says first, then the cookie; anything unknown is Vietnamese."""
    assert choose_language(asked, remembered) == chosen
