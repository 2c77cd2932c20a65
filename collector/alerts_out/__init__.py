"""Our own alerts told to Alertmanagers, as Prometheus tells them its own."""
