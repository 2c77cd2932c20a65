"""Who is told of every answer of the collector: the local page, kept checkpoints, probing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.checkpoints import Checkpoints
    from agents.delivery import Answer
    from agents.local_page_file import LocalPage
    from agents.probing import Probing

ACCEPTED = 202


def hearing(
    page: LocalPage | None, kept: Checkpoints, probing: Probing | None
) -> Callable[[Answer, int], None]:
    """Return what is told of every answer, and of how many reports wait."""

    def heard(answer: Answer, waiting: int) -> None:
        kept.heard(answer.body)
        if probing is not None and answer.status == ACCEPTED:
            probing.heard(answer.body)
        if page is not None:
            page.heard(answer, waiting)

    return heard
