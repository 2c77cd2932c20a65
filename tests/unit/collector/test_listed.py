"""What `/metrics` lists one by one: bounded labels, no words of an incident."""

from __future__ import annotations

from datetime import UTC, datetime

from collector.metrics.listed import (
    Listed,
    ListedIncident,
    ListedPoint,
    ListedSession,
    ListedTerm,
    ListedUnit,
    families,
)

AT = datetime(2026, 11, 26, 1, tzinfo=UTC)
LISTED = Listed(
    units=[ListedUnit("000.11", "Đảng ủy xã Hàm Thuận", "Khu vực Nam")],
    incidents=[ListedIncident("SC26-0001", "S1", "canh_bao", "000.11", "kt_qua_tai", AT)],
    terms=[ListedTerm("SC26-0001", "acknowledge", "S1", "000.11", AT)],
    sessions=[ListedSession(12, "A", "official", "live", AT, AT)],
    points=[ListedPoint(12, 1, "Hội trường", "000.11", "codec-1", "duong-1")],
)


def samples(listed: Listed) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Return the samples by name."""
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples]
        for family in families(listed, "https://wanwatch.example.vn")
    }


def test_each_is_one_series_with_its_instant() -> None:
    """A dashboard finds name, link and clock; instants are Unix seconds."""
    found = samples(LISTED)
    at = AT.timestamp()
    assert found["wanwatch_console_info"] == [({"url": "https://wanwatch.example.vn"}, 1)]
    assert found["wanwatch_incident_deadline_timestamp_seconds"] == [
        (
            {"incident": "SC26-0001", "deadline": "acknowledge", "severity": "S1",
             "unit": "000.11"},
            at,
        )
    ]  # fmt: skip
    [(labels, value)] = found["wanwatch_incident_detected_timestamp_seconds"]
    assert (labels["class"], labels["stage"], value) == ("kt_qua_tai", "canh_bao", at)
    assert found["wanwatch_session_info"] == [
        ({"session": "12", "class": "A", "kind": "official", "stage": "live"}, 1)
    ]
    assert found["wanwatch_session_end_timestamp_seconds"] == [({"session": "12"}, at)]
    [(labels, _)] = found["wanwatch_session_point_info"]
    assert (labels["place"], labels["target"], labels["path"]) == ("1", "codec-1", "duong-1")


def test_nothing_listed_leaves_the_console_alone() -> None:
    """Before the first look at the tables there is no series but the console's address."""
    assert [name for name, rows in samples(Listed()).items() if rows] == ["wanwatch_console_info"]
