"""One file per family of devices; each that has a FAMILY is found by the scanner."""
