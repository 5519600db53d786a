"""The least that the same requests can cost: a hand-written handler for each."""
