"""One run of a probe that asks a device: whether it is time, the dialogue, and what came of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation, SourceError
from agents.device import Device, Told, shared_of
from agents.device_text import NotReadable
from agents.exchange import answer_of_tls, left_of
from agents.http import BadAnswer
from agents.one_at_a_time import one_at_a_time
from agents.probe import Means, answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from agents.device import DeviceParams

# Beside what a probe reports of its own.
METRICS = ("wanwatch_probe_let_in", "wanwatch_probe_trusted")
# After a refused log-in: devices lock accounts, and people who come after us are locked out, too.
PAUSE_SECONDS = 60.0
# A run that comes a little before its time is in time.
EARLY_SECONDS = 2.0


def poll(
    name: str,
    params: DeviceParams,
    means: Means,
    read: Callable[[Device], Iterable[Observation]],
) -> list[Observation]:
    """Run a dialogue where it is time for one.

    In the minute after a refused log-in what it said stands, unasked. Outside of calls most runs
    find that it is too early, and say nothing.

    Raises:
        SourceError: This host cannot ask.
    """
    user_password, shared = _credentials(params, means), shared_of(params, means)
    started_at = means.monotonic()
    if started_at < _seconds_of(shared, "paused_until"):
        denied = answered(name, params.target, Answer.DENIED)
        return [*denied, *_admitted(name, params.target, Answer.DENIED)]
    if started_at < _seconds_of(means.memory, "idle_until"):
        return []
    answer, values = _converse(params, user_password, means, read)
    ended_at = means.monotonic()
    if answer is Answer.DENIED:
        shared["paused_until"] = ended_at + PAUSE_SECONDS
    is_in_call = any(one.name == "wanwatch_endpoint_calls" and one.value > 0 for one in values)
    idle_until = started_at + params.idle_seconds - EARLY_SECONDS
    is_soon = is_in_call or answer is Answer.BUSY
    means.memory["idle_until"] = 0.0 if is_soon else idle_until
    seconds = ended_at - started_at if answer.is_alive else None
    said = answered(name, params.target, answer, seconds)
    return [*said, *_admitted(name, params.target, answer), *values]


def _converse(
    params: DeviceParams,
    user_password: str,
    means: Means,
    read: Callable[[Device], Iterable[Observation]],
) -> tuple[Answer, list[Observation]]:
    left = left_of(params.limit_seconds, means.monotonic)
    try:
        with (
            one_at_a_time(params.address, params.limit_seconds / 2),
            closing(Device(params, user_password, means, left)) as device,
        ):
            return Answer.RIGHT, list(read(device))
    except Told as told:
        return told.answer, []
    except (BadAnswer, NotReadable):
        return Answer.GARBAGE, []
    except OSError as error:
        return _answer_of(error, f"ask {params.address} TCP port {params.port}"), []


def _seconds_of(known: Mapping[str, object], name: str) -> float:
    found = known.get(name)
    return found if isinstance(found, float) else 0.0


def _admitted(name: str, target: str, answer: Answer) -> Iterator[Observation]:
    """Yield whether it is who it must be, and whether it lets us in, where that was tried."""
    labels = {"probe": name, "target": target}
    if answer is Answer.UNTRUSTED or answer.is_alive:
        yield Observation("wanwatch_probe_trusted", labels, int(answer is not Answer.UNTRUSTED))
    if answer in (Answer.RIGHT, Answer.DENIED):
        yield Observation("wanwatch_probe_let_in", labels, int(answer is Answer.RIGHT))


def _answer_of(error: OSError, what: str) -> Answer:
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return Answer.UNTRUSTED
    return answer_of_tls(error, what)


def _credentials(params: DeviceParams, means: Means) -> str:
    known = means.credentials.get(params.credentials)
    if known is None:
        raise SourceError(
            f"ask {params.address} for its state: no credentials named {params.credentials!r} on "
            "this agent. Nothing was sent; add them to the file of 'probe_credentials'"
        )
    return known
