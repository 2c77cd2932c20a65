"""Hosts that an outside source brings, in the table of agents: rows without a key of their own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, insert, select

from collector.identity import enrolment
from collector.identity.enrolment import Binding
from collector.storage import directory, tokens
from collector.storage.enrolments import find
from collector.storage.fleet import touch_enrolment
from collector.storage.identity_log import note
from collector.storage.schema import agents
from incidents.vietnamese import search_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.source_tokens import Source

# As many as an enrolment token may let in.
MAX_HOSTS = 500
ID_DIGITS = 16
BY_SOURCE = "source:"
Standing = Literal["known", "revoked", "too_many", "unit_gone"]


def host_id(source: Source, host: str) -> str:
    """Return the id under which a host that a source brings is known: `s-` and digits."""
    told = "\n".join((source.name, source.unit or "", host))
    return "s-" + hashlib.sha256(told.encode()).hexdigest()[:ID_DIGITS]


def take_in(
    connection: Connection,
    source: Source,
    hosts: Iterable[str],
    now: datetime,
    most: int = MAX_HOSTS,
) -> dict[str, Standing]:
    """Put hosts into the inventory as such that must report, unless they are there.

    The source's token was made for the hosts of its unit, so the inventory approves them as it does
    one that a token names; a name that is taken, or looks like another, waits for a person.
    """
    return {host: _take_in(connection, source, host, now, most) for host in hosts}


def _take_in(
    connection: Connection, source: Source, host: str, now: datetime, most: int
) -> Standing:
    agent = host_id(source, host)
    known = find(connection, agent)
    if known is not None:
        return "known" if known.revoked_at is None else "revoked"
    if source.unit is None or not tokens.has_unit(connection, source.unit):
        return "unit_gone"
    token = BY_SOURCE + source.name
    if _count(connection, token) >= most:
        return "too_many"
    enrolled = enrolment.approve(
        Binding(source.unit, host, source.host_kind, "", source.interval_seconds),
        is_named=True,
        listed=directory.listed_host(connection, source.unit, host),
        holders=directory.names_in(connection, source.unit),
        listed_names=directory.listed_names(connection, source.unit),
    )
    connection.execute(
        insert(agents).values(
            id=agent,
            unit=source.unit,
            host=host,
            kind=enrolled.binding.kind,
            presence=enrolled.binding.presence,
            interval_seconds=enrolled.binding.interval_seconds,
            public_key=b"",
            token=token,
            enrolled_at=now,
            approved_at=None if enrolled.doubt else now,
            approved_by="" if enrolled.doubt else "inventory",
            doubt=enrolled.doubt,
            sort_key=sort_key(host),
            search_key=search_key(host),
        )
    )
    note(
        connection, now, "enrolled",
        agent=agent, unit=source.unit, host=host, token=token, detail=enrolled.doubt,
    )  # fmt: skip
    touch_enrolment(connection, f"{now} {agent} enrolled")
    return "known"


def _count(connection: Connection, token: str) -> int:
    query = select(func.count()).where(agents.c.token == token, agents.c.revoked_at.is_(None))
    return connection.scalar(query) or 0
