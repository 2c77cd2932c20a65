"""Dashboards of Grafana and rules of Prometheus as code; `make dashboards` writes them out."""
