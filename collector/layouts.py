"""How a host lays its reports out: found out once, so that its next ones need no look-ups.

A host sends the same series in the same order turn after turn. What was checked, which series they
are and which of them feed its page is remembered for the few layouts it alternates between.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.indicators import Role, Tally
    from collector.series import Identities, Identity, Series
    from collector.wire import WireSamples

# Checks run every turn, every third and every sixth one: their reports differ.
MAX_LAYOUTS = 8


class Layout:
    """The names and labels of a report in their order; one object for all hosts alike.

    Attributes:
        roles: Which columns feed an indicator, and how.
    """

    __slots__ = ("__weakref__", "labels", "names", "roles")

    def __init__(self, samples: WireSamples, identities: tuple[Identity, ...]) -> None:
        self.names = samples.names
        # Copies: a raw label is a view that would hold its whole report.
        self.labels = tuple(msgspec.Raw(bytes(raw)) for raw in samples.labels)
        self.roles: tuple[tuple[int, Role], ...] = tuple(
            (column, identity.role)
            for column, identity in enumerate(identities)
            if identity.role is not None
        )


class HostLayout:
    """A layout and the series of one host in its columns."""

    __slots__ = ("layout", "series")

    def __init__(self, layout: Layout, series: tuple[Series, ...]) -> None:
        self.layout, self.series = layout, series

    def take(self, samples: WireSamples, offset_seconds: float, tally: Tally) -> Sequence[Series]:
        """Set the newest values of all series, each newer than what it had."""
        values, instants = samples.values, samples.instants
        for column, role in self.layout.roles:
            value, growth = values[column], None
            if role.how == "rate":
                at = instants[column] + offset_seconds
                growth = self.series[column].growth_to(value, at)
            tally.add(role, value, growth)
        first = instants[0]
        if instants.count(first) == len(instants):  # one object for all of them
            same = repeat(first + offset_seconds)
            for series, value, at in zip(self.series, values, same, strict=False):
                series.before, series.at, series.value = series.at, at, value
        else:
            for series, value, instant in zip(self.series, values, instants, strict=True):
                series.before, series.at, series.value = series.at, instant + offset_seconds, value
        return self.series


class HostLayouts:
    """The layouts of one host, the one used last first."""

    __slots__ = ("_found", "_identities")

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._found: list[HostLayout] = []

    def layout_of(self, samples: WireSamples) -> HostLayout | None:
        """Return the layout of these samples if the host used it lately."""
        names, labels = samples.names, samples.labels
        for place, found in enumerate(self._found):
            layout = found.layout
            if names == layout.names and labels == layout.labels:
                if place:
                    self._found.insert(0, self._found.pop(place))
                return found
        return None

    def has_identity(self, name: str, raw: bytes) -> bool:
        """Say whether any host reported this name with these labels."""
        return self._identities.has(name, raw)

    def learn(self, samples: WireSamples, series: list[Series]) -> None:
        """Remember what series the samples are, in their order; none may be missing or twice."""
        if not series or len(series) != len(samples.names) or len(set(series)) != len(series):
            return
        layout = self._identities.layout(samples, tuple(found.identity for found in series))
        self._found.insert(0, HostLayout(layout, tuple(series)))
        del self._found[MAX_LAYOUTS:]

    def forget(self) -> None:
        """Forget all: a series is gone."""
        self._found.clear()
