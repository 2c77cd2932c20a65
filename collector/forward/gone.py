"""Which series have gone: what a host no longer reports, and all of a host that fell silent.

A series is there as long as one of the layouts that hold it is renewed. A layout that was not
renewed for three times its spacing is over; what no other one holds has gone with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.forward.labels import Template
    from collector.forward.layouts import Layout

MISSED_SPACINGS = 3
MIN_STALE_MS = 30_000
# Of a layout that came once nobody knows the spacing; Prometheus looks back as far.
UNKNOWN_SPACING_MS = 100_000
# Scrapes come at exact spacings: what was only late must not find its instant taken, for Prometheus
# refuses the whole request then.
BEFORE_MISSED_MS = 1
# Of a host that reported within this time only its own clock counts: it may hand over a backlog.
HEARD_MS = 60_000


class Gone(NamedTuple):
    """A series that has gone, and the instant just before it is missed, in milliseconds."""

    template: Template
    at_ms: int


class _Seen:
    """When a layout was last renewed, and how long it took the last time."""

    __slots__ = ("last_ms", "spacing_ms")

    def __init__(self, last_ms: int) -> None:
        self.last_ms, self.spacing_ms = last_ms, 0

    @property
    def patience_ms(self) -> int:
        return max(MIN_STALE_MS, MISSED_SPACINGS * (self.spacing_ms or UNKNOWN_SPACING_MS))


class HostMemory:
    """What one host reported lately.

    Attributes:
        heard_ms: When its last report came, by the time of the stream.
    """

    __slots__ = ("_newest_ms", "_seen", "heard_ms")

    def __init__(self) -> None:
        self.heard_ms = self._newest_ms = 0
        self._seen: dict[Layout, _Seen] = {}

    @property
    def layouts(self) -> list[Layout]:
        """Return the layouts that it had lately, the newest last."""
        return list(self._seen)

    def note(self, layout: Layout, at_ms: int, heard_ms: int) -> None:
        """Take a report: its newest sample, and when it came."""
        self.heard_ms = max(self.heard_ms, heard_ms)
        self._newest_ms = max(self._newest_ms, at_ms)
        seen = self._seen.get(layout)
        if seen is None:
            self._seen[layout] = _Seen(at_ms)
        elif at_ms > seen.last_ms:
            # The longer of two: checks that run every third turn alternate.
            seen.spacing_ms = max(at_ms - seen.last_ms, seen.spacing_ms // 2)
            seen.last_ms = at_ms

    def sweep(self, now_ms: int) -> Iterator[Gone]:
        """Yield what has gone by an instant of the stream; each is yielded once."""
        is_heard = now_ms - self.heard_ms <= HEARD_MS
        at_ms = self._newest_ms if is_heard else now_ms
        over = {
            layout: seen
            for layout, seen in self._seen.items()
            if at_ms - seen.last_ms > seen.patience_ms
        }
        if not over:
            return
        for layout in over:
            del self._seen[layout]
        held = {one for layout in self._seen for one in layout.templates}
        for layout, seen in sorted(over.items(), key=lambda item: -item[1].last_ms):
            missed_at_ms = seen.last_ms + (seen.spacing_ms or UNKNOWN_SPACING_MS)
            gone_at_ms = missed_at_ms - BEFORE_MISSED_MS
            for one in layout.templates:
                if one not in held:
                    held.add(one)
                    yield Gone(one, gone_at_ms)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is left of it."""
        return not self._seen
