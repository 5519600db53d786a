"""The outside world, one package for each thing that we do not own."""
