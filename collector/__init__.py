"""The collector: takes reports, judges them, raises alerts, and serves the people who act."""
