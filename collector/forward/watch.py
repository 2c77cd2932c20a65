"""Tells the rules how long each receiver of samples has not taken what there is for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.metrics.own import REMOTE_WRITE_LAG

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.forward.sender import Sender
    from collector.judge import Judge


def tell_lags(senders: Iterable[Sender], judge: Judge, now: datetime) -> None:
    """Feed the lag of every receiver; an alert of one that is configured no more ends."""
    own = judge.fleet.own
    for sender in senders:
        labels = (("receiver", sender.name),)
        judge.feed(own, REMOTE_WRITE_LAG, sender.lag_seconds(now), now, labels)
    rules = {one.name for one in judge.rulebook.rules if one.value.metric == REMOTE_WRITE_LAG}
    for fingerprint, alert in list(own.open_alerts.items()):
        if alert.rule in rules:  # what is still measured has claimed its own
            del own.open_alerts[fingerprint]
            judge.end_stored(fingerprint, now)
