"""What `status`, `identity` and `selftest` print: plain values in, text out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agents.enrolment import Place
    from agents.identity import Identity
    from agents.last_sent import LastSent
    from agents.report import Sample


# Why a key waits for a person, by the collector's code.
DOUBTS = {
    "not_listed": "neither the token nor hosts.csv names this host",
    "other_kind": "hosts.csv lists this host as of another kind",
    "name_taken": "another key has this host's name",
    "name_alike": "its name looks like that of another host of the unit",
}


def instant(at: float) -> str:
    """Return Unix time as UTC to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def identity_lines(identity: Identity) -> Iterator[str]:
    """Yield the id and the public key, which the collector's enrolment asks for."""
    yield f"agent       {identity.agent}"
    yield f"public key  {identity.public_key_text}"


def place_lines(place: Place) -> Iterator[str]:
    """Yield where the collector put this machine, and what is still to be done."""
    yield f"agent       {place.agent}"
    yield f"unit        {place.unit}"
    yield f"host        {place.host} ({place.kind})"
    if place.is_approved:
        yield "approved    yes: its reports count from now on"
        return
    yield f"approved    not yet ({DOUBTS.get(place.doubt, place.doubt)})"
    yield "            It may report; nobody is alarmed by it before somebody approves it:"
    yield f"            wanwatch agents approve {place.agent}"


def status_lines(sent: LastSent) -> Iterator[str]:
    """Yield when, where and how the last request went, and then all that was in it."""
    yield f"collector   {sent.collector}"
    yield f"last sent   {instant(sent.sent_at)}  report {sent.seq} ({sent.lane} lane)"
    yield f"answer      {sent.answer}"
    yield f"queue       {sent.queue} reports held after it"
    yield ""
    yield from body_lines(json.loads(sent.text()))


def body_lines(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the whole body of a request, one line for each value in it."""
    lists = ("samples", "events", "sections")
    yield "sent:"
    for key, value in body.items():
        if key not in lists:
            yield f"  {key}: {json.dumps(value, ensure_ascii=False)}"
    yield f"samples: {len(body['samples'])}"
    for name, labels, value, at in body["samples"]:
        yield f"  {series(name, labels)} {value} @ {at}"
    for key in lists[1:]:
        yield f"{key}: {len(body[key])}"
        items = body[key].items() if isinstance(body[key], dict) else enumerate(body[key], 1)
        for name, item in items:
            yield f"  {name}: {json.dumps(item, ensure_ascii=False)}"


def series(name: str, labels: Mapping[str, str]) -> str:
    """Return a series as Prometheus writes it."""
    inside = ",".join(
        f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in labels.items()
    )
    return f"{name}{{{inside}}}" if inside else name


def selftest_lines(samples: list[Sample], *, verbose: bool) -> Iterator[str]:
    """Yield one line for each check that ran, with what it saw below it when asked."""
    for check, seconds, is_good, own in by_check(samples):
        verdict = "ok    " if is_good else "FAILED"
        yield f"{verdict} {check:<12} {seconds:8.3f} s  {len(own)} values"
        if verbose:
            yield from (f"         {series(s.name, s.labels)} {s.value}" for s in own)


def by_check(samples: list[Sample]) -> Iterator[tuple[str, float, bool, list[Sample]]]:
    """Yield name, duration, success and values of each check, from samples in their order."""
    own: list[Sample] = []
    is_good = False
    for sample in samples:
        if sample.name == "wanwatch_check_success":
            is_good = sample.value == 1
        elif sample.name == "wanwatch_check_duration_seconds":
            yield sample.labels["check"], sample.value, is_good, own
            own = []
        else:
            own.append(sample)
