"""Units and targets as something that has alerts: each a host that never reports itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.targets.targets import unit_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.fleet import Host
    from collector.targets.targets import Target


class Names(NamedTuple):
    """What something is called, in both languages."""

    vi: str
    en: str


class Places:
    """Made when something is first judged about them; `make` takes node, unit, host and kind."""

    def __init__(self, make: Callable[[str, str, str, str], Host]) -> None:
        self._make = make
        self._places: dict[str, Host] = {}

    def __iter__(self) -> Iterator[Host]:
        """Yield every place that was judged about."""
        yield from self._places.values()

    def known(self, node: str) -> Host | None:
        """Return a place that was judged about."""
        return self._places.get(node)

    def remove(self, node: str) -> None:
        """Forget a place that is no more."""
        self._places.pop(node, None)

    def unit(self, code: str) -> Host:
        """Return a unit."""
        return self._place(unit_node(code), code, "", "unit")

    def target(self, target: Target, unit: str) -> Host:
        """Return a target; `unit` answers for it."""
        place = self._place(target.node, unit, target.label_vi, target.kind)
        place.words = {
            **place.words,
            "target": Names(target.label_vi, target.label_en),
            "region": Names(target.region, target.region),
        }
        return place

    def _place(self, node: str, unit: str, host: str, kind: str) -> Host:
        place = self._places.get(node)
        if place is None:
            place = self._places[node] = self._make(node, unit, host, kind)
        place.unit, place.host, place.kind = unit, host, kind
        return place
