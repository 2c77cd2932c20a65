"""What becomes of reports: made, signed, sent, printed."""
