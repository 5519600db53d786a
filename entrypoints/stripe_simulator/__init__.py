"""A stand-in for Stripe that keeps state and moves no money.

A process of its own, for the demo and the tests.  It knows nothing of the service and
the service knows nothing of it: both only speak Stripe's protocol.
"""
