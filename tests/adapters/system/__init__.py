"""The machine's own gifts."""
