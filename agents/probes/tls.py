"""What certificate a TLS listener shows: its chain, when it ends, and whether its key changed.

Sources: RFC 5280, RFC 7469 (digest of a key).
"""

from __future__ import annotations

import ssl
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.check import Observation
from agents.der import Certificate, NotACertificate, is_self_issued, read_certificate
from agents.exchange import Stream, answer_of_tls, left_of, trusting_context
from agents.probe import Means, Params, Probe, allow, allow_number, answered, known_by

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "tls"
MOST_CHAIN = 10
VERSIONS = {"TLSv1": 1.0, "TLSv1.1": 1.1, "TLSv1.2": 1.2, "TLSv1.3": 1.3}


@dataclass(frozen=True, slots=True)
class TlsParams(Params):
    """A listener; `server_name` is the name it is asked for and must have, empty for any."""

    port: int = 443
    server_name: str = ""
    limit_seconds: float = 5.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        is_name = self.server_name.isascii() and len(self.server_name) < 254
        allow("server_name", self.server_name, is_name, "a name in ASCII")
        allow_number("limit_seconds", self.limit_seconds, 0.05, 10)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a listener shows; the first of `chain` is its own certificate, in DER.

    Attributes:
        is_trusted: The chain leads to an authority that this host trusts, for the name; None where
            that could not be tried.
    """

    version: str = ""
    chain: list[bytes] = field(default_factory=list)
    is_trusted: bool | None = None


def run(params: TlsParams, means: Means) -> list[Observation]:
    """Shake hands twice: once trusting anybody, to see; once as a careful client would."""
    what = f"shake hands with {params.address} TCP port {params.port}"
    started_at = means.monotonic()
    left = left_of(params.limit_seconds, means.monotonic)
    seconds = None
    values: list[Observation] = []
    try:
        shown = _look(params, trusting_context(), Stream(left))
        seconds = means.monotonic() - started_at
        certificates = [read_certificate(der) for der in shown.chain]
        is_own = is_self_issued(shown.chain[0])
        trusted = Shown(shown.version, shown.chain, _is_trusted(params, means, Stream(left)))
        values = list(_observe(params.target, trusted, certificates, is_own, means))
        answer = Answer.RIGHT
    except (NotACertificate, IndexError):
        answer = Answer.GARBAGE
    except OSError as error:
        answer = answer_of_tls(error, what)
    return [*answered(NAME, params.target, answer, seconds), *values]


def _look(params: TlsParams, context: ssl.SSLContext, stream: Stream) -> Shown:
    with closing(stream):
        stream.open((params.address, params.port), context, params.server_name)
        opened: Any = stream.socket
        return Shown(opened.version() or "", chain_of(opened))


def chain_of(opened: Any) -> list[bytes]:
    """Return the certificates as they were sent; before Python 3.13 its inner object knows them."""
    own = opened.getpeercert(binary_form=True)
    inner = opened if hasattr(opened, "get_unverified_chain") else getattr(opened, "_sslobj", None)
    get = getattr(inner, "get_unverified_chain", None)
    chain = [_der(one) for one in get() or ()] if get is not None else []
    return (chain or ([own] if own else []))[:MOST_CHAIN]


def _der(one: Any) -> bytes:
    return one if isinstance(one, bytes) else ssl.PEM_cert_to_DER_cert(one.public_bytes())


def _is_trusted(params: TlsParams, means: Means, stream: Stream) -> bool | None:
    context = ssl.create_default_context(cafile=means.ca_file or None)
    context.check_hostname = bool(params.server_name)
    try:
        _look(params, context, stream)
    except ssl.SSLCertVerificationError:
        return False
    except OSError:
        return None  # too old for a careful client, or it had enough of us
    return True


def _observe(
    target: str, shown: Shown, certificates: list[Certificate], is_own: bool, means: Means
) -> Iterator[Observation]:
    labels = {"target": target}
    first = min(one.expires_at for one in certificates)
    yield Observation("wanwatch_tls_expiry_timestamp_seconds", labels, certificates[0].expires_at)
    yield Observation("wanwatch_tls_chain_expiry_timestamp_seconds", labels, first)
    yield Observation("wanwatch_tls_chain_certificates", labels, len(certificates))
    yield Observation("wanwatch_tls_self_issued", labels, int(is_own))
    if shown.is_trusted is not None:
        yield Observation("wanwatch_tls_chain_trusted", labels, int(shown.is_trusted))
    if shown.version in VERSIONS:
        yield Observation("wanwatch_tls_version", labels, VERSIONS[shown.version])
    digest = certificates[0].key_sha256[:16]
    yield from known_by(means, NAME, target, "wanwatch_tls_key_info", "key_sha256", digest)


PROBE = Probe(
    NAME,
    every_seconds=3600,
    limit_seconds=5,
    params=TlsParams,
    metrics=(
        "wanwatch_tls_expiry_timestamp_seconds",
        "wanwatch_tls_chain_expiry_timestamp_seconds",
        "wanwatch_tls_chain_certificates",
        "wanwatch_tls_self_issued",
        "wanwatch_tls_chain_trusted",
        "wanwatch_tls_version",
        "wanwatch_tls_key_info",
    ),
    most_series=11,
    run=run,
)
