"""Reports laid out alike share one layout: which series they are, in their order.

A host repeats a few layouts; all hosts of one kind have many of them in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import msgspec

from collector.forward.labels import Template, template
from collector.forward.report_reader import labels_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.wire import WireSamples

MAX_TEMPLATES = 200_000


class Layout:
    """Names and labels of a report in their order, and the templates of its series."""

    __slots__ = ("__weakref__", "has_targets", "labels", "names", "templates")

    def __init__(self, samples: WireSamples, templates: tuple[Template, ...]) -> None:
        self.names = samples.names
        self.labels = tuple(msgspec.Raw(bytes(raw)) for raw in samples.labels)
        self.templates = templates
        self.has_targets = any(one.target for one in templates)

    def fits(self, samples: WireSamples) -> bool:
        """Say whether a report is laid out like this."""
        return samples.names == self.names and samples.labels == self.labels


class Layouts:
    """Every layout that is in use for one receiver.

    Args:
        more: Labels that every series to this receiver gets.
    """

    def __init__(self, more: Mapping[str, str]) -> None:
        self._more = dict(more)
        self._templates: dict[tuple[str, bytes], Template] = {}
        self._found: WeakValueDictionary[tuple[Template, ...], Layout] = WeakValueDictionary()

    def of(self, samples: WireSamples, known: Sequence[Layout]) -> Layout:
        """Return the layout of a report, first looked for among those that its host had."""
        for one in known:
            if one.fits(samples):
                return one
        templates = tuple(
            self._template(name, bytes(raw))
            for name, raw in zip(samples.names, samples.labels, strict=True)
        )
        found = self._found.get(templates)
        if found is None or not found.fits(samples):
            found = self._found[templates] = Layout(samples, templates)
        return found

    def _template(self, name: str, raw: bytes) -> Template:
        found = self._templates.get((name, raw))
        if found is None:
            if len(self._templates) >= MAX_TEMPLATES:
                self._templates.clear()  # layouts in use keep what they need
            found = self._templates[name, raw] = template(name, labels_of(raw), self._more)
        return found
