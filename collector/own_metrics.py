"""The metrics that the collector itself finds out about a host; no report may bring them."""

from __future__ import annotations

AGENT_UP = "wanwatch_agent_up"
AGENT_STOPPED = "wanwatch_agent_stopped"
AGENT_LOST = "wanwatch_agent_lost"
AGENT_CLONED = "wanwatch_agent_cloned"
UNIT_CUT_HOSTS = "wanwatch_unit_cut_hosts"
UNIT_SILENT_HOSTS = "wanwatch_unit_silent_hosts"
MASS_SILENT_HOSTS = "wanwatch_mass_silent_hosts"
TARGET_UP = "wanwatch_target_up"
COLLECTOR_HEARS = "wanwatch_collector_hears"
COLLECTOR_BEHIND = "wanwatch_collector_behind_seconds"
DATA_FREE_RATIO = "wanwatch_data_free_ratio"
WATCHER_UP = "wanwatch_watcher_up"
# Silences that may explain one another: held and decided on before anybody is told.
SILENCES = frozenset({AGENT_UP, UNIT_CUT_HOSTS, UNIT_SILENT_HOSTS, MASS_SILENT_HOSTS, TARGET_UP})
# Fed when they change, not at intervals: they never grow stale.
OWN_METRICS = SILENCES | {
    AGENT_STOPPED, AGENT_LOST, AGENT_CLONED, COLLECTOR_HEARS, COLLECTOR_BEHIND, DATA_FREE_RATIO,
    WATCHER_UP,
}  # fmt: skip
