"""What is at the addresses that an operator names, and what should be measured of it."""
