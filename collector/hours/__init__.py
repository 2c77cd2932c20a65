"""When hosts and units must be on."""
