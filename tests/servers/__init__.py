"""Real servers for tests, in processes and on sockets of their own."""
