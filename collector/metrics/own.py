"""The metrics that the collector itself finds out about a host; no report may bring them."""

from __future__ import annotations

from collector.outages.topology import TARGET_PREFIX

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
REMOTE_WRITE_LAG = "wanwatch_remote_write_lag_seconds"
# What alerts from outside look at: that something gives no answer, or anything else.
OUTSIDE_DOWN = "wanwatch_outside_down"
OUTSIDE_FIRES = "wanwatch_outside_fires"
# Silences that may explain one another: held and decided on before anybody is told.
SILENCES = frozenset(
    {AGENT_UP, UNIT_CUT_HOSTS, UNIT_SILENT_HOSTS, MASS_SILENT_HOSTS, TARGET_UP, OUTSIDE_DOWN}
)
# What a probe says of a target; it may be explained by what lies on the way.
PROBE_ALIVE = "wanwatch_probe_alive"
# Fed when they change, not at intervals: they never grow stale.
OWN_METRICS = SILENCES | {
    AGENT_STOPPED, AGENT_LOST, AGENT_CLONED, COLLECTOR_HEARS, COLLECTOR_BEHIND, DATA_FREE_RATIO,
    REMOTE_WRITE_LAG, WATCHER_UP, OUTSIDE_FIRES,
}  # fmt: skip


def is_silence(agent: str, metric: str) -> bool:
    """Say whether an alert is of something that gives no answer.

    Args:
        agent: Whom it is about: a host's key, or the node of a unit or target.
    """
    return metric in SILENCES or (metric == PROBE_ALIVE and agent.startswith(TARGET_PREFIX))
