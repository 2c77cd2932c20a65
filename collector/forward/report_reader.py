"""What is sent on of a stored report: read quickly, since it was checked before it was stored."""

from __future__ import annotations

import msgspec

from collector.wire import WireSamples
from collector.wire_json import RejectedReport, unpack


class ForwardedReport(msgspec.Struct):
    """A report's samples; instants by the clock of the agent, in Unix seconds."""

    sent_at: float
    samples: list[tuple[str, msgspec.Raw, float, float]]


_decode = msgspec.json.Decoder(ForwardedReport).decode
_labels = msgspec.json.Decoder(dict[str, str]).decode


def read_samples(body: bytes) -> tuple[float, WireSamples]:
    """Return when a report left, by the agent's clock, and its samples by column.

    Raises:
        ValueError: The bytes are no report.
    """
    try:
        report = _decode(unpack(body))
    except (RejectedReport, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    rows = report.samples
    return report.sent_at, WireSamples(*zip(*rows, strict=True)) if rows else WireSamples()


def labels_of(raw: bytes) -> dict[str, str]:
    """Return the labels of a sample that was checked before."""
    return _labels(raw)
