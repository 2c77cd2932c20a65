"""A device that is asked over HTTPS: who it must be, what it is told, and when it is left alone."""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation, SourceError
from agents.device_text import NotReadable
from agents.exchange import answer_of_tls, left_of
from agents.http import Address, BadAnswer, Connection, Response
from agents.one_at_a_time import one_at_a_time
from agents.probe import Means, Params, allow, allow_number, answered

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping

# Beside what a probe reports of its own.
METRICS = ("wanwatch_probe_let_in", "wanwatch_probe_trusted")
MOST_BODY_BYTES = 2 << 20
# After a refused log-in: devices lock accounts, and people who come after us are locked out, too.
PAUSE_SECONDS = 60.0
_TRUST = re.compile(r"any|ca|sha256:(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}")
# What a device gives us to show again: nothing that could end a line or a field.
_TOKEN = re.compile(r"[!-+\--:<-~]{1,512}")


@dataclass(frozen=True, slots=True)
class DeviceParams(Params):
    """A device with a web interface of its own.

    Attributes:
        credentials: The name in this agent's own file of `user:password`.
        site: The name in TLS and `Host`; empty for the address.
        trust: Who it may be: `any` for a device whose certificate signs itself, `ca` for one that
            an authority of this host signed, `sha256:…` for this very certificate.
        old_tls: Also speak TLS 1.0 and 1.1 with whatever cipher it has.
    """

    credentials: str
    port: int = 443
    site: str = ""
    trust: str = "any"
    old_tls: bool = False
    limit_seconds: float = 10.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow("credentials", self.credentials, self.credentials, "the name of credentials")
        allow_number("port", self.port, 1, 65_535)
        is_site = self.site.isascii() and self.site.isprintable() and len(self.site) < 254
        allow("site", self.site, is_site, "a name in ASCII")
        what = "any, ca, or sha256: and the 64 digits of a certificate"
        allow("trust", self.trust, _TRUST.fullmatch(self.trust), what)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 30)


class Told(Exception):  # an answer, not an error
    """The dialogue ends here: what the device said comes to this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.name)
        self.answer = answer


class Device:
    """One device, one request at a time, all within the probe's limit.

    Attributes:
        memory: What this probe noted of this device, kept between its runs.

    Raises:
        Told: What came back ends the dialogue.
        OSError: The connection failed, or the time is over.
    """

    def __init__(
        self,
        params: DeviceParams,
        user_password: str,
        means: Means,
        left_seconds: Callable[[], float],
    ) -> None:
        self.params, self.means, self.memory = params, means, means.memory
        self.user, _, self.password = user_password.partition(":")
        self._left = left_seconds
        context = context_of(params, means)
        self._address = Address(params.address, params.port, context, params.site)
        self._connection: Connection | None = None

    @property
    def basic(self) -> dict[str, str]:
        """The header of a device that wants name and password with each request."""
        packed = base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
        return {"Authorization": f"Basic {packed}"}

    def get(self, path: str, headers: Mapping[str, str]) -> Response:
        """Ask for something; whatever the status is."""
        asking = self._connected()
        return self._kept(asking.get(path, {"User-Agent": "wanwatch", **headers}, MOST_BODY_BYTES))

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Send something; whatever the status is."""
        asking = self._connected()
        given = {"User-Agent": "wanwatch", **headers}
        return self._kept(asking.post(path, body, given, MOST_BODY_BYTES))

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _kept(self, came: Response) -> Response:
        if came.is_last:
            self.close()
        if len(came.body) > MOST_BODY_BYTES:
            raise Told(Answer.GARBAGE)
        return came

    def _connected(self) -> Connection:
        if self._connection is not None and self._connection.has_ended:
            self.close()
        if self._connection is None:
            self._connection = Connection(self._address, self._left)
            self._connection.open()
            pin = self.params.trust.removeprefix("sha256:").replace(":", "").lower()
            shown = hashlib.sha256(self._connection.certificate).hexdigest()
            if self.params.trust not in ("any", "ca") and shown != pin:
                raise Told(Answer.UNTRUSTED)
        return self._connection


def context_of(params: DeviceParams, means: Means) -> ssl.SSLContext:
    """Return what a device's certificate and version of TLS are held to."""
    import ssl  # only where TLS is asked for

    if params.trust == "ca":
        context = ssl.create_default_context(cafile=means.ca_file or None)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if params.old_tls:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:!aNULL:@SECLEVEL=0")
    return context


def good(came: Response) -> Response:
    """Return an answer that is one.

    Raises:
        Told: The device refused, cannot, is asked too much, or has no such thing.
    """
    if came.status in (401, 403):
        raise Told(Answer.DENIED)
    if came.status == 429:
        raise Told(Answer.BUSY)
    if came.status >= 500:
        raise Told(Answer.OUT_OF_SERVICE)
    if came.status != 200:
        raise Told(Answer.GARBAGE)
    return came


def token_of(text: object) -> str:
    """Return what a device gave us to show again.

    Raises:
        Told: It could not be sent without changing what is sent.
    """
    if not isinstance(text, str) or _TOKEN.fullmatch(text) is None:
        raise Told(Answer.GARBAGE)
    return text


def poll(
    name: str,
    params: DeviceParams,
    means: Means,
    read: Callable[[Device], Iterable[Observation]],
) -> list[Observation]:
    """Run a dialogue; in the minute after a refused log-in what it said stands, unasked.

    Raises:
        SourceError: This host cannot ask.
    """
    user_password = _credentials(params, means)
    until = means.memory.get("paused_until")
    if isinstance(until, float) and means.monotonic() < until:
        denied = answered(name, params.target, Answer.DENIED)
        return [*denied, *_admitted(name, params.target, Answer.DENIED)]
    left = left_of(params.limit_seconds, means.monotonic)
    started_at, values = means.monotonic(), list[Observation]()
    answer = Answer.RIGHT
    try:
        # Another probe may have it, also by SNMP; half of the time is kept for the device itself.
        with (
            one_at_a_time(params.address, params.limit_seconds / 2),
            closing(Device(params, user_password, means, left)) as device,
        ):
            started_at = means.monotonic()
            values = list(read(device))
    except Told as told:
        answer = told.answer
    except (BadAnswer, NotReadable):
        answer = Answer.GARBAGE
    except OSError as error:
        answer = _answer_of(error, f"ask {params.address} TCP port {params.port}")
    ended_at = means.monotonic()
    if answer is Answer.DENIED:
        means.memory["paused_until"] = ended_at + PAUSE_SECONDS
    seconds = ended_at - started_at if answer.is_alive else None
    said = answered(name, params.target, answer, seconds)
    return [*said, *_admitted(name, params.target, answer), *values]


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
