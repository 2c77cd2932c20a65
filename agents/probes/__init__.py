"""What an agent asks over the network for the collector; one file per protocol or question."""
