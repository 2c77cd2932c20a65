"""The catalogue of shared systems."""
