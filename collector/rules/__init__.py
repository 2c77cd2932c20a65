"""Rules as YAML: read, checked, and looked at."""
