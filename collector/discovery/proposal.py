"""A proposed `targets.yaml` of what was seen; for a person to look through."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from collector.discovery.signs import api_of, kind_of
from incidents.vietnamese import search_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.discovery.signs import Signs

MOST_NAME_CHARACTERS = 60
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/.-]*")
HEAD = """\
# Proposed by `wanwatch discover` for {count} devices. Look through it, name each in Vietnamese
# (`vi`), and put it into targets.yaml; `wanwatch check-config` names every mistake.
"""


def propose(found: Sequence[Signs], unit: str, askers: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is proposed, in the order of what was found; names are unique."""
    targets: list[dict[str, Any]] = []
    taken: set[str] = set()
    for signs in found:
        name = _name(signs, taken)
        taken.add(name)
        target: dict[str, Any] = {"name": name}
        if signs.name:
            target["vi"] = signs.name
        target |= {"unit": unit, "kind": kind_of(signs), "address": signs.address}
        targets.append(target | {"from": list(askers), "probes": list(_probes(signs))})
    return targets


def _probes(signs: Signs) -> Iterator[dict[str, Any]]:
    """Yield what answered already, so that it is known to work."""
    if signs.echoes:
        yield {"probe": "icmp"}
    if signs.credentials:
        yield {"probe": "snmp", "credentials": signs.credentials}
    if signs.transport:
        other = {} if signs.transport == "UDP" else {"transport": signs.transport}
        yield {"probe": "sip", **other}
    if signs.is_h323:
        yield {"probe": "h323"}
    if signs.pages:
        yield {"probe": "tls", "port": 443}


def _name(signs: Signs, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9.]+", "-", search_key(signs.name))[:MOST_NAME_CHARACTERS].strip("-.")
    by_address = "may-" + re.sub(r"[^0-9a-f]+", "-", signs.address).strip("-")
    longer = f"{plain[:30].rstrip('-.')}-{by_address}" if plain else by_address
    names = (plain or by_address, longer, *(f"{by_address}-{number}" for number in range(2, 1_100)))
    return next(name for name in names if name not in taken)


def to_yaml(targets: Sequence[dict[str, Any]], found: Sequence[Signs]) -> str:
    """Return the text of a file; what a person has to decide stands in it as comments."""
    lines = [HEAD.format(count=len(targets)), "targets:" + ("" if targets else " []")]
    for target, signs in zip(targets, found, strict=True):
        probes = target["probes"]
        fields = [(name, value) for name, value in target.items() if name != "probes"]
        for number, (name, value) in enumerate(fields):
            lines.append(f"{'  - ' if not number else '    '}{name}: {_text(value)}")
        lines += [f"    # {one}" for one in _remarks(signs)]
        lines.append("    probes:" + ("" if probes else " []"))
        lines += [f"      - {_flow(probe)}" for probe in probes]
        api = api_of(signs)
        if api:
            lines.append(
                f"      # - {{probe: {api}, credentials: NAME}}  # of its agent's own file"
            )
    return "\n".join(lines) + "\n"


def _remarks(signs: Signs) -> Iterator[str]:
    said = [signs.description or signs.sip_device]
    if signs.families:
        said.append("families: " + ", ".join(signs.families))
    if signs.is_denied:
        said.append("speaks SNMP, and not with these credentials")
    line = "; ".join(filter(None, said))
    if line:
        yield "".join(one if one.isprintable() else " " for one in line)[:200]


def _flow(probe: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {_text(value)}" for name, value in probe.items()) + "}"


def _text(value: object) -> str:
    """Return a value as YAML has it; texts in quotes unless nothing could be read into them."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, str) and not (_PLAIN.fullmatch(value) and yaml.safe_load(value) == value):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
