"""Traces, for whoever has a collector.  An extra: without it nothing imports this."""
