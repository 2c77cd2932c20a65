"""An incident's file carried out of the service: everything in it can be checked elsewhere."""
