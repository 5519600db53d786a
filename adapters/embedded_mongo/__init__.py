"""A MongoDB-compatible server for the demo and the tests, in a child process."""
