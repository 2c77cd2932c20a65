"""Samples of programs that are not ours: taken as if an agent of the host had reported them."""
