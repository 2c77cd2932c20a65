"""Who says alerts here, as judging needs to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector import source_tokens


class Source(NamedTuple):
    """One outside source; with a unit it speaks of that unit alone."""

    id: str
    unit: str = ""


# What a person adds at the command line; no source can be called so.
AMTOOL = Source("@amtool")


def source_of(stored: source_tokens.Source) -> Source:
    """Return a source out of what its token stands for."""
    return Source(stored.name, stored.unit or "")


def sources_of(stored: Iterable[source_tokens.StoredSource]) -> dict[str, Source]:
    """Return those that are not revoked and may say alerts, by name."""
    found = (one.source for one in stored)
    named = {one.name: source_of(one) for one in found if "alerts" in one.kinds}
    return {AMTOOL.id: AMTOOL, **named}
