"""The HTTP API: parse, ask a use case, answer."""
