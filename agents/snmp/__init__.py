"""Network devices by SNMP: engines that ask, families that understand the answers."""
