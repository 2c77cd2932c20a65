"""The relay: a process beside a mobile modem that sends, rings and receives for the collector."""
