"""Conference sessions: planned, ready or not, watched, accounted for."""
