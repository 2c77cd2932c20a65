"""What is silent, and what explains it: hosts, units, lines, the whole network."""
