"""Long work, in child processes."""
