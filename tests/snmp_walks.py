"""Recorded and synthetic walks as a device's values, and families asked about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents.snmp.detect import confirmed, identity_of, likely
from agents.snmp.family import Poll
from agents.snmp.scan import known_families

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from agents.observation import Observation
    from agents.snmp.family import Family, Identity, Value, Values

FAMILIES = known_families()
NUMBER_TAGS = {"2", "65", "66", "67", "70"}
WALKED = re.compile(r"\.(?P<oid>[\d.]+) = (?:(?P<kind>[A-Za-z0-9-]+): )?(?P<value>.*)", re.DOTALL)


def read_snmprec(lines: str) -> Values:
    """Return the values of a file for snmpsim: `OID|tag|value`, octets as text or as hex."""
    values: Values = {}
    for line in filter(None, lines.split("\n")):
        oid, tag, value = line.split("|", 2)
        if tag in NUMBER_TAGS:
            values[oid] = int(value)
        elif tag == "4x":
            values[oid] = bytes.fromhex(value)
        else:
            values[oid] = value.encode() if tag == "4" else value
    return values


def write_snmprec(values: Mapping[str, Value]) -> str:
    """Return the file for snmpsim that gives these values, in the order of their identifiers."""
    lines = []
    for oid in sorted(values, key=lambda one: [int(part) for part in one.split(".")]):
        value = values[oid]
        if isinstance(value, bytes):
            tag, said = "4x", value.hex()
        elif isinstance(value, str):
            tag, said = "6", value
        else:
            tag, said = "2" if value < 2**31 else "66" if value < 2**32 else "70", str(value)
        lines.append(f"{oid}|{tag}|{said}\n")
    return "".join(lines)


def read_snmpwalk(lines: str) -> Values:
    """Return the values of what `snmpwalk -On` printed."""
    values: Values = {}
    for entry in re.split(r"\n(?=\.\d)", lines.strip()):
        found = WALKED.fullmatch(entry.strip())
        if found:
            values[found["oid"]] = walked_value(found["kind"] or "", found["value"].strip())
    return values


def walked_value(kind: str, value: str) -> Value:
    """Return one printed value as an engine gives it."""
    if kind == "Timeticks":
        return int(re.findall(r"\((\d+)\)", value)[0])
    if kind == "Hex-STRING":
        return bytes.fromhex(value.replace("\n", " "))
    if kind in ("OID", "IpAddress"):
        return value.lstrip(".")
    if kind in ("", "INTEGER", "Gauge32", "Counter32", "Counter64") and re.match(r"-?\d+", value):
        return int(re.match(r"-?\d+", value)[0])  # type: ignore[index]
    return value.strip('"').encode()


def detected(values: Mapping[str, Value], identity: Identity | None = None) -> set[str]:
    """Return the families of a device, as detection finds them."""
    who = identity or identity_of(values)
    return {one.name for one in confirmed(likely(who, FAMILIES.values()), values)}


def answer(values: Mapping[str, Value], family: Family, last: Mapping[str, Value]) -> Values:
    """Return what a device says when a family asks it after `last`."""
    asked = family.asked(last)
    starts = tuple(f"{table}." for table in asked.tables)
    return {
        oid: value
        for oid, value in values.items()
        if oid in asked.leaves or oid.startswith(starts or ("none",))
    }


class Device:
    """A device whose values a test may change, asked by one family again and again."""

    def __init__(
        self, family: str, values: Mapping[str, Value], identity: Identity | None = None
    ) -> None:
        self.family = FAMILIES[family]
        self.values = dict(values)
        self.identity = identity
        self.memory: MutableMapping[str, object] = {}
        self.last: Values = {}
        self.at = 0.0

    def poll(self, at: float = 0.0) -> list[Observation]:
        """Return what one poll reports, held to what the family promises."""
        self.last = answer(self.values, self.family, self.last)
        identity = self.identity or identity_of(self.values)
        found = list(self.family.evaluate(Poll("it", identity, dict(self.last), at, self.memory)))
        hold_to_promises(self.family, found)
        return found

    def settle(self) -> list[Observation]:
        """Poll until everything that a device has is asked for, and return the last poll."""
        self.poll(0.0)
        return self.poll(60.0)


def hold_to_promises(family: Family, found: list[Observation]) -> None:
    """Fail for a metric that is not promised, twice the same series, too many, or no number."""
    series = [(one.name, tuple(sorted(one.labels.items()))) for one in found]
    assert len(series) == len(set(series)) <= family.most_series
    assert {one.name for one in found} <= set(family.metrics)
    for one in found:
        assert one.labels["target"] == "it"
        assert -(2**64) <= one.value <= 2**64, one
        assert not one.name.endswith("_ratio") or 0 <= one.value <= 1, one
        assert all(len(value) <= 90 and value.isprintable() for value in one.labels.values()), one


def by_name(found: list[Observation], name: str, /, **labels: str) -> list[float]:
    """Return the values of a metric with these labels."""
    return [one.value for one in found if one.name == name and labels.items() <= one.labels.items()]
