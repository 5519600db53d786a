"""Every adapter of a port, real or fake, is held to the same contract."""
