"""The policy directory: read, followed, checked."""
