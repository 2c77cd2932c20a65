"""Asks one address what it is, with the agents' own probes; sends no password over HTTPS or SIP."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import SourceError
from agents.exchange import left_of, trusting_context
from agents.http import Address, Connection
from agents.probes import h323, icmp, sip, snmp
from agents.snmp.scan import known_families
from collector.discovery.signs import REST, XAPI, Signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.observation import Observation
    from agents.probe import Means

IT = "it"
MOST_TABLES = 4
MOST_PAGE_BYTES = 64 << 10
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for each question to one address, and the ports."""

    icmp_seconds: float = 1.0
    snmp_seconds: float = 4.0
    sip_seconds: float = 1.2
    h323_seconds: float = 1.0
    web_seconds: float = 2.0
    snmp_port: int = 161
    sip_port: int = 5060
    h323_port: int = 1720
    web_port: int = 443


def look(address: str, means: Means, tables: Sequence[str], limits: Limits) -> Signs:
    """Return what an address answers.

    Args:
        tables: Names of credentials for SNMP, tried one after the other; at most MOST_TABLES.
    """
    signs = Signs(address, echoes=_echoes(address, means, limits))
    signs = _by_snmp(signs, means, tables[:MOST_TABLES], limits)
    for transport in (sip.UDP, sip.TCP):
        params = sip.SipParams(
            IT, address, transport=transport, port=limits.sip_port, limit_seconds=limits.sip_seconds
        )
        found = sip.run(params, means)
        if _is_alive(found):
            device = _label(found, "wanwatch_sip_device_info", "device")
            signs = replace(signs, transport=transport, sip_device=device)
            break
    calls = h323.H323Params(IT, address, port=limits.h323_port, limit_seconds=limits.h323_seconds)
    is_h323 = _is_alive(h323.run(calls, means))
    return replace(signs, is_h323=is_h323, pages=dict(_pages(address, means, limits)) or None)


def _echoes(address: str, means: Means, limits: Limits) -> bool | None:
    params = icmp.IcmpParams(IT, address, packets=2, wait_seconds=limits.icmp_seconds)
    try:
        return _is_alive(icmp.run(params, means))
    except SourceError:
        return None


def _by_snmp(signs: Signs, means: Means, tables: Sequence[str], limits: Limits) -> Signs:
    for table in tables:
        params = snmp.SnmpParams(
            IT,
            signs.address,
            credentials=table,
            port=limits.snmp_port,
            limit_seconds=limits.snmp_seconds,
        )
        # What another table was answered is no reason to leave the device alone.
        found = snmp.run(params, replace(means, memory={}))
        answer = _answer(found)
        families = tuple(one.labels["family"] for one in found if one.name == snmp.INFO)
        if answer is Answer.REFUSED:
            break
        if answer is Answer.DENIED:
            signs = replace(signs, is_denied=True)
        elif answer in (Answer.RIGHT, Answer.WRONG_CONTENT):
            kinds = [known_families()[family].kind for family in families]
            return replace(
                signs,
                credentials=table,
                is_denied=False,
                families=families,
                kind=next(filter(None, kinds), ""),
                name=_label(found, "wanwatch_device_system_info", "name"),
                description=_label(found, "wanwatch_device_system_info", "description"),
            )
    return signs


def _pages(address: str, means: Means, limits: Limits) -> Iterator[tuple[str, int]]:
    """Yield what pages answer to somebody who says no name."""
    context = trusting_context()
    left = left_of(limits.web_seconds, means.monotonic)
    for path in ("/", XAPI, REST):
        with closing(Connection(Address(address, limits.web_port, context), left)) as asking:
            try:
                asking.open()
                yield path, asking.get(path, {"User-Agent": "wanwatch"}, MOST_PAGE_BYTES).status
            except (OSError, ValueError):
                return


def _answer(found: Sequence[Observation]) -> Answer:
    return next(Answer(int(one.value)) for one in found if one.name.endswith("_answer_code"))


def _is_alive(found: Sequence[Observation]) -> bool:
    return any(one.name == "wanwatch_probe_alive" and one.value == 1 for one in found)


def _label(found: Sequence[Observation], metric: str, label: str) -> str:
    texts = (one.labels.get(label, "") for one in found if one.name == metric and one.value)
    return _SPACE.sub(" ", next(texts, "")).strip()
