"""What a request costs, beside a handler that does only what is necessary."""
