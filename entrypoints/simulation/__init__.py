"""The service in a world made of one seed: same seed, same story, every fault in it."""
