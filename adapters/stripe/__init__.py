"""Stripe, through its own SDK: what we ask, what it answers, what its events say."""
