"""The HTTP API: one router per resource, errors and their status codes in one table."""
