"""A device that is asked over HTTPS: who it must be, and what it is told."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.http import Address, Connection, Response
from agents.probe import Means, Params, allow, allow_number

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

MOST_BODY_BYTES = 2 << 20
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
        idle_seconds: Outside of calls it is asked this often at the most; in a call, at each run.
    """

    credentials: str
    port: int = 443
    site: str = ""
    trust: str = "any"
    old_tls: bool = False
    idle_seconds: float = 60.0
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
        allow_number("idle_seconds", self.idle_seconds, 0, 3_600)
        allow_number("limit_seconds", self.limit_seconds, 0.05, 30)


class Told(Exception):  # an answer, not an error
    """The dialogue ends here: what the device said comes to this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.name)
        self.answer = answer


class Device:
    """One device, one request at a time, all within the time that is left.

    Attributes:
        memory: What this probe noted of this device, kept between its runs.
        shared: What it gave us when we logged in, whoever asked.

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
        self.shared = shared_of(params, means)
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


def shared_of(params: DeviceParams, means: Means) -> dict[str, object]:
    """Return what all who ask this device with these credentials know of it."""
    who = (params.address, str(params.port), params.credentials)
    return means.shared.setdefault(who, {})
