"""The relay: a process beside a mobile modem that sends, rings and receives for the collector."""

# Where a relay hands over what came in, and what became of what left.
PHONE_PATH = "/api/v1/phone/messages"
RECEIPT_PATH = "/api/v1/phone/receipts"
