"""Who watches the watcher: a second machine asks the collector, and the collector misses it."""
