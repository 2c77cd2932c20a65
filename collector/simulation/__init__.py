"""A province that does not exist, to drill, to demonstrate and to load a real collector."""
