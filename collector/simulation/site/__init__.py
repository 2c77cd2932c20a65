"""A small site on this machine: a codec, a router and a reflector that are not there."""
