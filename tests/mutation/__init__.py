"""A kept list of one-line mutants: each must be killed by the test that it names."""
