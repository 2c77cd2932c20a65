"""One file per check of this host; `agents.scanner` finds them, nothing registers itself."""
