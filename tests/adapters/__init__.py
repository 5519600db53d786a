"""Every adapter against the real thing: sockets, child processes, servers."""
