"""Each attack that we know of, and the tests that show what becomes of it."""
