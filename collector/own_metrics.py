"""The metrics that the collector itself finds out about a host; no report may bring them."""

from __future__ import annotations

AGENT_UP = "wanwatch_agent_up"
AGENT_CLONED = "wanwatch_agent_cloned"
DATA_FREE_RATIO = "wanwatch_data_free_ratio"
WATCHER_UP = "wanwatch_watcher_up"
# Fed when they change, not at intervals: they never grow stale.
OWN_METRICS = frozenset({AGENT_UP, AGENT_CLONED, DATA_FREE_RATIO, WATCHER_UP})
