"""Who is on call, hand-overs, and what comes by telephone."""
