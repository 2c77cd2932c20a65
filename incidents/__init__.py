"""The incident desk: from an alert to a closed file, along the organisation's own procedure."""
