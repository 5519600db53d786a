"""Makes the servers of `tests/servers` available to every room, and times the rooms."""

pytest_plugins = ["tests.minutes", "tests.servers.mongo", "tests.servers.redis"]
