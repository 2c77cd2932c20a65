"""Conference sessions on the collector's side: planned, made ready, watched, measured, reported."""
