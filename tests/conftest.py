"""Makes the servers of `tests/servers` available to every room."""

pytest_plugins = ["tests.servers.mongo"]
