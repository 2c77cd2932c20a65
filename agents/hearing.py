"""Who is told of every answer of the collector: the local page, kept checkpoints, the probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agents.checkpoints import Checkpoints
    from agents.delivery import Answer
    from agents.local_page_file import LocalPage
    from agents.probes.reach import Asked

ACCEPTED = 202


def new_asked(networks: Sequence[str], stamp_listen: str) -> Asked | None:
    """Return what keeps the devices that the collector asks about; None: nothing is probed here."""
    if not networks and not stamp_listen:
        return None
    from agents.probes.reach import Asked  # only where an agent probes for others

    return Asked(networks)


def hearing(
    page: LocalPage | None, kept: Checkpoints, asked: Asked | None
) -> Callable[[Answer, int], None]:
    """Return what is told of every answer, and of how many reports wait."""

    def heard(answer: Answer, waiting: int) -> None:
        kept.heard(answer.body)
        if asked is not None and answer.status == ACCEPTED:
            asked.heard(answer.body)
        if page is not None:
            page.heard(answer, waiting)

    return heard
