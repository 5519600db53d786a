"""Stand-ins for the outside world, for the simulation and for the tests.

Each one gives way to other tasks before it acts, as the network would: a fake that
never yields makes every race impossible and every lock look needless.
"""
