"""History put under other rules: the production evaluator and desk, a driven clock, no way out."""
