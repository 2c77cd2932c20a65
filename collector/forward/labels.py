"""What a series is called outside: its own labels, and whose it is.

A host's series say `unit`, `host`, `instance` (UNIT/HOST) and `job` (node, unless it says another).
What a probe measured of a target says the target's `unit`, `target`, `job` (probe), and as
`instance` who measured it. A label of its own that has one of those names becomes `exported_NAME`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.forward.proto import label

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST_JOB, PROBE_JOB = "node", "probe"
# In the order of their names: labels have to be sorted.
HOLES = ("host", "instance", "unit")
NAME = "__name__"


class Holder(NamedTuple):
    """Whose a series is, as encoded labels; `host` is empty for what is a target's.

    Attributes:
        length: How many bytes they are together.
    """

    host: bytes
    instance: bytes
    unit: bytes
    length: int


class Template:
    """The labels of a series with room for whose it is.

    Attributes:
        target: What a probe measured; empty for what a host says of itself.
        parts: What stands before `host`, before `instance`, before `unit`, and after it.
        length: Of all parts together, in bytes.
    """

    __slots__ = ("length", "parts", "target")

    def __init__(self, parts: tuple[bytes, bytes, bytes, bytes], target: str) -> None:
        self.parts, self.target = parts, target
        self.length = sum(len(part) for part in parts)


def template(name: str, labels: Mapping[str, str], more: Mapping[str, str]) -> Template:
    """Return the template of a metric.

    Args:
        labels: Its own. `more`: what every series to this receiver says beside.
    """
    target = labels.get("target", "")
    holes = HOLES[1:] if target else HOLES
    own = {exported(key): value for key, value in labels.items() if value}
    found = {"job": PROBE_JOB if target else HOST_JOB, **more, **own, NAME: name}
    cuts = [[b"".join(_between(found, "", holes[0]))]]
    for here, following in zip(holes, (*holes[1:], ""), strict=True):
        cuts.append([b"".join(_between(found, here, following))])
    parts = [b"".join(cut) for cut in cuts]
    if target:  # nothing stands where the host would
        parts.insert(0, b"")
    first, second, third, last = parts
    return Template((first, second, third, last), target)


def exported(name: str) -> str:
    """Return what a label of the series itself is called outside."""
    return f"exported_{name}" if name in HOLES else name


def host_holder(unit: str, host: str) -> Holder:
    """Return whose the series of a host are."""
    return _holder(label("host", host), label("instance", f"{unit}/{host}"), unit)


def target_holder(unit: str, measured_by: Holder) -> Holder:
    """Return whose the series of a target are, and who measured them."""
    return _holder(b"", measured_by.instance, unit)


def _holder(host: bytes, instance: bytes, unit: str) -> Holder:
    unit_label = label("unit", unit)
    return Holder(host, instance, unit_label, len(host) + len(instance) + len(unit_label))


def _between(labels: Mapping[str, str], after: str, before: str) -> list[bytes]:
    return [
        label(name, value)
        for name, value in sorted(labels.items())
        if after < name and (not before or name < before)
    ]
