"""The real use cases, held to the model at each step."""
