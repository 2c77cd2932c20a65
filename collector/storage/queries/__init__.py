"""What pages and API read: functions of a Connection that return frozen rows, always bounded."""
