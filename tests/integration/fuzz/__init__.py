"""Fuzzers: what they find once becomes a row of an ordinary test."""
