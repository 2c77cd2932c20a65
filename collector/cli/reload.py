"""`wanwatch reload`: the policy directory taken over, with who asked and why on record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.client import Data, connect
from collector.cli.words import say


def reload(
    reason: Annotated[str, typer.Option(help="Why the policy changes; it goes on record.")],
    data: Data = Path("var"),
) -> None:
    """Take over the policy directory; one with mistakes changes nothing."""
    answer = connect(data).post("/api/v1/policy/reload", {"reason": reason})
    changed = ", ".join(answer["changed"]) or say("nothing changed")
    typer.echo(say("revision {revision}: {changed}", revision=answer["revision"], changed=changed))
