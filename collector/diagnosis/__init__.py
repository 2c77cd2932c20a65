"""What is asked by itself when an incident opens, so that the call that wakes somebody knows it."""
