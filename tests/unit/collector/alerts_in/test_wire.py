"""Bodies: what is right is read, what is wrong costs itself alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.alerts_in.alert import OutsideAlert, is_new_episode, label_fingerprint, put
from collector.alerts_in.wire import BadBody, Form, read, told

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
ZERO = "0001-01-01T00:00:00Z"
EARLIER, LATER = "2026-11-23T00:50:00Z", "2026-11-23T08:10:00+07:00"
AT = {EARLIER: NOW - timedelta(minutes=10), LATER: NOW + timedelta(minutes=10)}


def one(form: Form = Form.API, **said: Any) -> OutsideAlert:
    alert = {"labels": {"alertname": "A"}, **said}
    body: Any = [alert] if form is Form.API else {"version": "4", "alerts": [alert]}
    (found,) = read(form, json.dumps(body).encode(), NOW, lease=LEASE).alerts
    return found


@pytest.mark.parametrize(
    ("said", "starts_at", "ends_at", "is_lease"),
    [
        ({}, NOW, NOW + LEASE, True),
        ({"startsAt": ZERO, "endsAt": ZERO}, NOW, NOW + LEASE, True),
        ({"startsAt": EARLIER}, AT[EARLIER], NOW + LEASE, True),
        ({"endsAt": EARLIER}, AT[EARLIER], AT[EARLIER], False),
        ({"startsAt": EARLIER, "endsAt": LATER}, AT[EARLIER], AT[LATER], False),
    ],
)
def test_times_that_are_left_out(
    said: dict[str, str], starts_at: datetime, ends_at: datetime, is_lease: bool
) -> None:
    """Zero time is none; without an end it is a lease; a zone is a zone."""
    found = one(**said)
    assert (found.starts_at, found.ends_at, found.is_lease) == (starts_at, ends_at, is_lease)


@pytest.mark.parametrize(
    ("status", "ends", "ends_at"),
    [
        ("firing", ZERO, NOW + LEASE),
        ("firing", EARLIER, NOW + LEASE),
        ("resolved", EARLIER, AT[EARLIER]),
        ("resolved", ZERO, NOW),
        ("resolved", LATER, NOW),
    ],
)
def test_notification_says_by_its_status_whether_it_holds(
    status: str, ends: str, ends_at: datetime
) -> None:
    """What fires carries the year one as its end."""
    assert one(Form.WEBHOOK, status=status, startsAt=EARLIER, endsAt=ends).ends_at == ends_at


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"labels": {}}, "label pair"),
        ({"labels": {"a": ""}}, "label pair"),
        ({"startsAt": LATER, "endsAt": EARLIER}, "before end"),
        ({"startsAt": "2026-11-23T00:00:00"}, "zone"),
        ({"endsAt": "9999-12-31T23:59:59Z"}, "ahead"),
        ({"labels": {"a": "x" * 5_000}}, "at most"),
        ({"labels": {"a": "\u0000"}}, "control"),
        ({"labels": {f"l{n}": "x" for n in range(70)}}, "at most"),
        ({"annotations": {"a": "x" * 70_000}}, "annotations"),
        ({"labels": {"a": 1}}, "str"),
    ],
)
def test_alert_that_is_none_costs_itself_alone(said: dict[str, Any], why: str) -> None:
    """The one beside it is read."""
    good = {"labels": {"alertname": "B"}}
    body = json.dumps([{"labels": {"alertname": "A"}, **said}, good]).encode()
    found = read(Form.API, body, NOW, lease=LEASE)
    assert [a.name for a in found.alerts] == ["B"]
    assert why in told(found.errors)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (Form.API, b"{}"), (Form.API, b""), (Form.API, b"[" * 5_000), (Form.API, b"\xff"),
        (Form.WEBHOOK, b"[]"), (Form.WEBHOOK, b'{"version":"3","alerts":[]}'),
        (Form.WEBHOOK, b'{"alerts":[]}'),
    ],
)  # fmt: skip
def test_body_that_is_none_is_refused(form: Form, body: bytes) -> None:
    """As a whole."""
    with pytest.raises(BadBody):
        read(form, body, NOW, lease=LEASE)


@given(st.sampled_from(Form), st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_alerts_or_refused(form: Form, body: bytes) -> None:
    """Nothing else comes of them."""
    try:
        read(form, body, NOW, lease=LEASE)
    except BadBody:
        return


def test_link_holds_nothing_that_a_table_cannot() -> None:
    """A zero byte is left out; it is no reason to lose an alert."""
    assert one(generatorURL="http://p/\x00g").generator_url == "http://p/g"


def test_truncated_notification_says_how_many_are_missing() -> None:
    """Its sender's `max_alerts`."""
    body = {"version": "4", "alerts": [], "truncatedAlerts": 7}
    assert read(Form.WEBHOOK, json.dumps(body).encode(), NOW, lease=LEASE).truncated == 7


def test_notification_of_grafana_is_read_with_all_that_it_holds_beside() -> None:
    """Its version is 1, its times have a zone of their own, and values may be null."""
    alert = {
        "status": "firing", "labels": {"alertname": "A", "grafana_folder": "Mạng"},
        "annotations": {"summary": "Mất tín hiệu"}, "startsAt": "2026-11-23T07:50:00.157076+07:00",
        "endsAt": ZERO, "generatorURL": "http://g/alerting/grafana/x/view?orgId=1",
        "fingerprint": "c6eadffa33fcdf37", "silenceURL": "http://g/alerting/silence/new",
        "dashboardURL": "", "panelURL": "", "imageURL": "", "orgId": 1,
        "values": {"A": 1.5, "C": None}, "valueString": "[ var='A' labels={} value=1.5 ]",
    }  # fmt: skip
    body = {
        "receiver": "wanwatch", "status": "firing", "orgId": 1, "alerts": [alert],
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://g/",
        "appVersion": "12.0.0", "version": "1", "groupKey": "{}:{}", "truncatedAlerts": 0,
        "title": "[FIRING:1]", "state": "alerting", "message": "**Firing**",
    }  # fmt: skip
    (found,) = read(Form.WEBHOOK, json.dumps(body).encode(), NOW, lease=LEASE).alerts
    assert found.starts_at.replace(microsecond=0) == AT[EARLIER]
    assert (found.ends_at, found.is_lease) == (NOW + LEASE, True)
    assert found.annotations == (("summary", "Mất tín hiệu"),)


def test_fingerprint_is_alertmanagers() -> None:
    """As a running one names the same labels."""
    assert label_fingerprint((("alertname", "A"),)) == "d2c6efc389df0927"


times = st.integers(-20, 20).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(st.lists(st.tuples(times, times, st.booleans()), min_size=1, max_size=6))
def test_merging_keeps_the_earliest_start_and_no_end_before_it(
    said: list[tuple[datetime, datetime, bool]],
) -> None:
    """Whatever is said one after the other."""
    known: OutsideAlert | None = None
    for number, (first, second, is_lease) in enumerate(said):
        starts_at, ends_at = sorted((first, second))
        at = NOW + timedelta(seconds=number)
        new = OutsideAlert((("a", "b"),), (), starts_at, ends_at, at, is_lease)
        before, known = known, put(known, new)
        assert known.starts_at <= known.ends_at
        assert known.starts_at <= starts_at
        assert known.updated_at == at
        if before is None:
            assert is_new_episode(before, new)
