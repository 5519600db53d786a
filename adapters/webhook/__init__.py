"""Tells alerts to an address that somebody else listens at."""
