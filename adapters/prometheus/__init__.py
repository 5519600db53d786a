"""Figures in the form that Prometheus scrapes."""
