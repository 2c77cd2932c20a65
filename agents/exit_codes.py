"""What a command ends with: fine, the thing asked about is bad, wrong usage or configuration."""

FINE, BAD, USAGE = 0, 1, 2
