"""What `status`, `identity` and `selftest` print: plain values in, text out."""

from __future__ import annotations

import json
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agents.enrolment import Place
    from agents.identity import Identity
    from agents.last_sent import LastSent
    from agents.report import Sample

LINE_CHARACTERS = 100


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
    yield say("agent       {agent}", agent=identity.agent)
    yield say("public key  {key}", key=identity.public_key_text)


def place_lines(place: Place) -> Iterator[str]:
    """Yield where the collector put this machine, and what is still to be done."""
    yield say("agent       {agent}", agent=place.agent)
    yield say("unit        {unit}", unit=place.unit)
    yield say("host        {host} ({kind})", host=place.host, kind=place.kind)
    if place.is_approved:
        yield say("approved    yes: its reports count from now on")
        return
    yield say("approved    not yet ({why})", why=say(DOUBTS.get(place.doubt, place.doubt)))
    yield say("            It may report; nobody is alarmed by it before somebody approves it:")
    yield f"            wanwatch agents approve {place.agent}"


def status_lines(sent: LastSent) -> Iterator[str]:
    """Yield when, where and how the last request went, and then all that was in it."""
    yield say("collector   {collector}", collector=sent.collector)
    at = instant(sent.sent_at)
    yield say("last sent   {at}  report {seq} ({lane} lane)", at=at, seq=sent.seq, lane=sent.lane)
    yield say("answer      {answer}", answer=sent.answer)
    yield say("queue       {queue} reports held after it", queue=sent.queue)
    yield ""
    yield from body_lines(json.loads(sent.text()))


def body_lines(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the whole body of a request, one line for each value in it."""
    lists = ("samples", "events", "sections")
    yield say("sent:")
    for key, value in body.items():
        if key not in lists:
            yield f"  {key}: {json.dumps(value, ensure_ascii=False)}"
    yield say("samples: {n}", n=len(body["samples"]))
    for name, labels, value, at in body["samples"]:
        yield f"  {series(name, labels)} {value} @ {at}"
    for key in lists[1:]:
        yield say(key + ": {n}", n=len(body[key]))
        items = body[key].items() if isinstance(body[key], dict) else enumerate(body[key], 1)
        for name, item in items:
            yield f"  {name}: {json.dumps(item, ensure_ascii=False)}"


def series(name: str, labels: Mapping[str, str]) -> str:
    """Return a series as Prometheus writes it."""
    inside = ",".join(
        f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in labels.items()
    )
    return f"{name}{{{inside}}}" if inside else name


class Seen(NamedTuple):
    """One check's run: its values, or the reason why there are none."""

    check: str
    is_good: bool
    seconds: float
    reason: str
    values: list[Sample]


def selftest_lines(seen: Iterable[Seen], *, verbose: bool) -> Iterator[str]:
    """Yield a line for each check and what it saw below it: in short, or when asked all of it."""
    for one in seen:
        verdict = say("ok    ") if one.is_good else say("FAILED")
        what = one.reason or say("{n} values", n=len(one.values))
        yield f"{verdict} {one.check:<12} {one.seconds:8.3f} s  {what}"
        if verbose:
            yield from (f"         {series(s.name, s.labels)} {s.value}" for s in one.values)
        else:
            short = ", ".join(summary(one.values))
            yield from textwrap.wrap(
                short, LINE_CHARACTERS, initial_indent=" " * 9, subsequent_indent=" " * 9
            )


def summary(values: Iterable[Sample]) -> Iterator[str]:
    """Yield each metric once: the series with its value, or how many series there are."""
    by_name: dict[str, list[Sample]] = {}
    for sample in values:
        by_name.setdefault(sample.name, []).append(sample)
    for name, samples in by_name.items():
        one = f"{series(name, samples[0].labels)} {samples[0].value:.10g}"
        yield f"{name} ×{len(samples)}" if len(samples) > 1 else one


def by_check(samples: list[Sample], reasons: Mapping[str, str]) -> Iterator[Seen]:
    """Yield each check that ran, from a turn's samples in their order.

    Args:
        reasons: By check, why it gave no values.
    """
    values: list[Sample] = []
    is_good = dict[str, bool]()
    for sample in samples:
        check = sample.labels.get("check", "")
        if sample.name == "wanwatch_check_success":
            is_good[check] = sample.value == 1
        elif sample.name == "wanwatch_check_duration_seconds":
            reason = reasons.get(check, "")
            yield Seen(check, is_good.pop(check, False), sample.value, reason, values)
            values = []
        else:
            values.append(sample)
    for check, good in is_good.items():  # it could not even be loaded
        yield Seen(check, good, 0.0, reasons.get(check, ""), [])
