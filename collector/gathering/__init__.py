"""Gatherers: what a report is made of, read from tables and memory; one file each, found by a scan.

A file holds a module-level `Gatherer`; its `gather` returns plain values alone.
"""
