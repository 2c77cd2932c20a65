"""Bodies of requests → alerts: Alertmanager's API v2, and the webhook that Grafana sends, too.

What is wrong with one alert costs that one alone; what is not a list of alerts at all is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

import msgspec

from collector.alerts_in.alert import OutsideAlert, labels_of

ALERTS_PATH = "/api/v2/alerts"
WEBHOOK_PATH = "/api/v1/webhooks/alertmanager"
MAX_BODY_BYTES = 15 << 20
MAX_ALERTS = 50_000
MAX_LABELS = 64
MAX_NAME_CHARACTERS = 200
MAX_VALUE_CHARACTERS = 4_000
MAX_ANNOTATION_BYTES = 64 << 10
MAX_ERRORS_TOLD = 5
# Alertmanager's webhook is of version 4; Grafana's, the same with more in it, calls itself 1.
# Source: Grafana documentation, "Configure webhook notifications".
WEBHOOK_VERSIONS = frozenset({"4", "1"})
# A year that no watch shows: Go's zero time stands for "not given".
_ZERO_YEAR = 1
_LAST_YEAR = 9_998
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Form(Enum):
    """Which body it is; the value stands in the journal."""

    API = "v2"
    WEBHOOK = "webhook"


class BadBody(Exception):
    """The body is not what this door takes; nothing of it was."""


class Read(NamedTuple):
    """What a body says.

    Attributes:
        errors: What is wrong with those that are not among `alerts`.
        truncated: How many alerts the sender left out.
    """

    alerts: list[OutsideAlert]
    errors: list[str]
    truncated: int = 0


class _Alert(msgspec.Struct):
    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    startsAt: datetime | None = None  # noqa: N815 - the wire's names
    endsAt: datetime | None = None  # noqa: N815
    generatorURL: str | None = None  # noqa: N815
    status: str = ""


class _Webhook(msgspec.Struct):
    version: str
    alerts: list[msgspec.Raw]
    truncatedAlerts: int = 0  # noqa: N815


_many = msgspec.json.Decoder(list[_Alert])
_each = msgspec.json.Decoder(list[msgspec.Raw])
_one = msgspec.json.Decoder(_Alert)
_webhook = msgspec.json.Decoder(_Webhook)


def read(form: Form, body: bytes, now: datetime, *, lease: timedelta) -> Read:
    """Return the alerts of a body that came now; `lease` is for an end that nobody gave.

    Raises:
        BadBody: It is not JSON of this form, or too many alerts.
    """
    said, errors, truncated = _decoded(form, body)
    alerts: list[OutsideAlert] = []
    for one in said:
        try:
            alerts.append(_alert(form, one, now, lease))
        except ValueError as error:
            errors.append(str(error))
    return Read(alerts, errors, truncated)


def told(errors: list[str]) -> str:
    """Return what the sender is told of its mistakes."""
    shown = "; ".join(errors[:MAX_ERRORS_TOLD])
    more = len(errors) - MAX_ERRORS_TOLD
    return f"{shown}; and {more} more" if more > 0 else shown


def _decoded(form: Form, body: bytes) -> tuple[list[_Alert], list[str], int]:
    truncated = 0
    try:
        if form is Form.API:
            try:
                return _bounded(_many.decode(body)), [], 0
            except msgspec.ValidationError:  # one of them, or the whole: look at each
                raws = _each.decode(body)
        else:
            webhook = _webhook.decode(body)
            if webhook.version not in WEBHOOK_VERSIONS:
                raise BadBody(
                    f"version {webhook.version[:40]!r} of the webhook is not known; 4 of "
                    "Alertmanager and 1 of Grafana are"
                )
            raws, truncated = webhook.alerts, max(0, webhook.truncatedAlerts)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBody(f"the body is not {_FORMS[form]}: {error}") from None
    said, errors = [], []
    for number, raw in enumerate(_bounded(raws)):
        try:
            said.append(_one.decode(raw))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            errors.append(f"alert {number}: {error}")
    return said, errors, truncated


_FORMS = {Form.API: "a JSON list of alerts", Form.WEBHOOK: "a webhook of Alertmanager or Grafana"}


def _bounded(said: list[Any]) -> list[Any]:
    if len(said) > MAX_ALERTS:
        raise BadBody(f"{len(said)} alerts; at most {MAX_ALERTS} at once")
    return said


def _alert(form: Form, said: _Alert, now: datetime, lease: timedelta) -> OutsideAlert:
    """Return an alert with the times that were left out.

    Raises:
        ValueError: It is not one.
    """
    starts_at, ends_at = _given(said.startsAt), _given(said.endsAt)
    if form is Form.WEBHOOK:
        ends_at = _end_of_notified(said.status, ends_at, now)
    if starts_at is None:
        starts_at = now if ends_at is None else ends_at
    is_lease = ends_at is None
    if ends_at is None:
        ends_at = now + lease
    _check(said, starts_at, ends_at)
    return OutsideAlert(
        labels=labels_of(said.labels),
        annotations=tuple(sorted((said.annotations or {}).items())),
        starts_at=starts_at,
        ends_at=ends_at,
        updated_at=now,
        is_lease=is_lease,
        generator_url=_CONTROL.sub("", said.generatorURL or "")[:MAX_VALUE_CHARACTERS],
    )


def _end_of_notified(status: str, ends_at: datetime | None, now: datetime) -> datetime | None:
    """Of a notification the status counts: what fires has no end, what is resolved has had one."""
    if status == "resolved":
        return now if ends_at is None else min(ends_at, now)
    if status == "firing":
        return None
    raise ValueError(f"status {status[:40]!r}: firing or resolved is expected")


def _given(at: datetime | None) -> datetime | None:
    """Return an instant in UTC; zero time is none.

    Raises:
        ValueError: It has no zone, or is of no year that can be reckoned with.
    """
    if at is None or at.year <= _ZERO_YEAR:
        return None
    if at.tzinfo is None:
        raise ValueError(f"the time {at.isoformat()} has no zone")
    if at.year > _LAST_YEAR:
        raise ValueError(f"the time {at.isoformat()} is too far ahead")
    return at.astimezone(UTC)


def _check(said: _Alert, starts_at: datetime, ends_at: datetime) -> None:
    if not any(said.labels.values()):
        raise ValueError("at least one label pair required")
    if ends_at < starts_at:
        raise ValueError("start time must be before end time")
    if len(said.labels) > MAX_LABELS or len(said.annotations or {}) > MAX_LABELS:
        raise ValueError(f"at most {MAX_LABELS} labels, and as many annotations")
    for name, value in said.labels.items():
        if not name or len(name) > MAX_NAME_CHARACTERS or len(value) > MAX_VALUE_CHARACTERS:
            raise ValueError(
                f"label {name[:40]!r}: a name has 1 to {MAX_NAME_CHARACTERS} characters, a value "
                f"at most {MAX_VALUE_CHARACTERS}"
            )
        if _CONTROL.search(name) or _CONTROL.search(value):
            raise ValueError(f"label {name[:40]!r} holds control characters")
    annotations = said.annotations or {}
    size = sum(len(name.encode()) + len(value.encode()) for name, value in annotations.items())
    if size > MAX_ANNOTATION_BYTES:
        raise ValueError(f"the annotations exceed {MAX_ANNOTATION_BYTES} bytes")
    if any("\x00" in text for pair in annotations.items() for text in pair):
        raise ValueError("an annotation holds a zero byte")
