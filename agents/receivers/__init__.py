"""What comes to an agent unasked: SNMP notifications, syslog, quality reports."""
