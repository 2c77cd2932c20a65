"""What a mobile modem says and is told: short messages, answers to AT commands, calls."""
