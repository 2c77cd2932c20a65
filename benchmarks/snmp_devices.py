"""The devices of the benchmark: what each answers, and what of it a poll asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.snmp.detect import IDENTITY, confirmed, identity_of, likely
from agents.snmp.family import Asked
from agents.snmp.scan import known_families

if TYPE_CHECKING:
    from agents.snmp.family import Values

SYSTEM, IF, IFX = "1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
DUPLEX, POLY, UPS = "1.3.6.1.2.1.10.7.2.1.19", "1.3.6.1.4.1.13885.101.1", "1.3.6.1.2.1.33.1"
# Tag of a record for snmpsim, and the value.
Record = tuple[str, int | str]
NUMBER, TEXT, OBJECT_ID, COUNTER, GAUGE, TICKS, COUNTER_64 = "2", "4", "6", "65", "66", "67", "70"


def system(description: str, object_id: str) -> dict[str, Record]:
    """What every device says of itself."""
    return {
        f"{SYSTEM}.1.0": (TEXT, description),
        f"{SYSTEM}.2.0": (OBJECT_ID, object_id),
        f"{SYSTEM}.3.0": (TICKS, 51_840_000),
        f"{SYSTEM}.5.0": (TEXT, "thiet-bi"),
    }


def ports(count: int) -> dict[str, Record]:
    """IF-MIB and EtherLike-MIB of a device with a few ports."""
    columns: dict[str, Record] = {
        f"{IF}.2": (TEXT, "GigabitEthernet0/"),
        f"{IF}.3": (NUMBER, 6),
        f"{IF}.5": (GAUGE, 1_000_000_000),
        f"{IF}.7": (NUMBER, 1),
        f"{IF}.8": (NUMBER, 1),
        f"{IF}.9": (TICKS, 4_000),
        f"{IF}.13": (COUNTER, 0),
        f"{IF}.14": (COUNTER, 3),
        f"{IF}.19": (COUNTER, 0),
        f"{IF}.20": (COUNTER, 0),
        f"{IFX}.1": (TEXT, "Gi0/"),
        f"{IFX}.6": (COUNTER_64, 98_765_432_101),
        f"{IFX}.10": (COUNTER_64, 12_345_678_901),
        f"{IFX}.15": (GAUGE, 1_000),
        f"{IFX}.18": (TEXT, "den xa"),
        f"{IFX}.19": (TICKS, 0),
        DUPLEX: (NUMBER, 3),
    }
    return {
        f"{column}.{row}": (tag, f"{value}{row}" if tag == TEXT else value)
        for column, (tag, value) in columns.items()
        for row in range(1, count + 1)
    }


def router() -> dict[str, Record]:
    """A branch router with three ports."""
    refused = {f"1.3.6.1.2.1.11.{number}.0": (COUNTER, 0) for number in (4, 5)}
    users = {f"1.3.6.1.6.3.15.1.1.{number}.0": (COUNTER, 0) for number in (1, 3, 5, 6)}
    engine = {"1.3.6.1.6.3.10.2.1.3.0": (NUMBER, 518_400)}
    named = system("Router of a branch, release 7", "1.3.6.1.4.1.25506.1.1848")
    return {**named, **ports(3), **refused, **users, **engine}


def codec() -> dict[str, Record]:
    """A Poly studio that is registered and not in a call."""
    leaves: dict[str, Record] = {
        "1.1.0": (TEXT, "3.10.0-362035"),
        "1.4.0": (TEXT, "StudioX50"),
        "1.5.0": (TEXT, "8L2143"),
        "1.10.0": (TEXT, "2026-11-26 08:00:00 GMT+07:00"),
        "2.7.2.0": (NUMBER, 1),
        "2.8.3.1.2.1": (NUMBER, 2),
        "3.5.2.1.2.1": (TEXT, "table"),
        "3.5.2.1.2.2": (TEXT, "ceiling"),
        "3.5.2.1.3.1": (NUMBER, 2),
        "3.5.2.1.3.2": (NUMBER, 2),
        "3.6.2.1.2.1": (TEXT, "main"),
        "3.6.2.1.3.1": (NUMBER, 2),
        "3.10.2.1.2.1": (TEXT, "eth0"),
        "3.10.2.1.5.1": (TEXT, "Full"),
        "3.10.2.1.6.1": (NUMBER, 2),
        "3.11.1.0": (NUMBER, 2),
        "3.12.1.0": (NUMBER, 1),
        **{f"6.{number}.1.0": (NUMBER, 2) for number in range(7, 14)},
    }
    named = system("Poly Studio X50", "1.3.6.1.4.1.2684")
    return {**named, **ports(1), **{f"{POLY}.{key}": value for key, value in leaves.items()}}


def ups() -> dict[str, Record]:
    """A power supply on the line (RFC 1628)."""
    leaves: dict[str, Record] = {
        "2.1.0": (NUMBER, 2),
        "2.2.0": (NUMBER, 0),
        "2.3.0": (NUMBER, 42),
        "2.4.0": (NUMBER, 100),
        "4.1.0": (NUMBER, 3),
        "4.4.1.5.1": (NUMBER, 31),
        "6.1.0": (GAUGE, 0),
    }
    named = system("Power supply", "1.3.6.1.4.1.534.1")
    return {**named, **ports(1), **{f"{UPS}.{key}": value for key, value in leaves.items()}}


KINDS = {"router": router(), "codec": codec(), "ups": ups()}
# Of each seven devices of a province.
MIX = ("router", "router", "router", "router", "codec", "codec", "ups")


def snmprec(records: dict[str, Record]) -> str:
    """Return a file for snmpsim, in the order of the identifiers."""
    ordered = sorted(records, key=lambda oid: [int(part) for part in oid.split(".")])
    return "".join(f"{oid}|{records[oid][0]}|{records[oid][1]}\n" for oid in ordered)


def values_of(records: dict[str, Record]) -> Values:
    """Return what a poll of everything would give."""
    return {
        oid: value if isinstance(value, int) else value if tag == OBJECT_ID else value.encode()
        for oid, (tag, value) in records.items()
    }


def asked_of(records: dict[str, Record]) -> Asked:
    """Return what a second poll of this device asks for: its families' own words."""
    values = values_of(records)
    families = confirmed(likely(identity_of(values), known_families().values()), values)
    asks = [one.asked(values) for one in families]
    leaves = dict.fromkeys([*IDENTITY, *(leaf for one in asks for leaf in one.leaves)])
    return Asked(tuple(leaves), tuple(dict.fromkeys(t for one in asks for t in one.tables)))


def count_asked(records: dict[str, Record]) -> int:
    """Return how many values of a device one poll reads."""
    asked = asked_of(records)
    in_tables = [oid for oid in records for table in asked.tables if oid.startswith(f"{table}.")]
    return len([leaf for leaf in asked.leaves if leaf in records]) + len(in_tables)
