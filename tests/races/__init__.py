"""Many at once, over HTTP, on a real database and with Stripe's own SDK.

Each race runs with the lock and without one: the database decides, the lock only
orders.  And each has a negative control: with the guard off the same race is lost, so
the racers are quick enough for the result to mean something.
"""
