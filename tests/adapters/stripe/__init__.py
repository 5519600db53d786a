"""Stripe, played by a server that says what a test wants to hear."""
