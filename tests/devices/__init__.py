"""Small devices on real sockets that speak HTTPS as the makers document it."""
