"""Keys of agents: let in, changed, refused."""
