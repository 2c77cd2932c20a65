"""Recurring duties and the days of units."""
