"""People's accounts: passwords, second factors, log-in."""
