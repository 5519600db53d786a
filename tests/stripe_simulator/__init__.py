"""The simulator, held against Stripe's own client, command and description."""
