"""The whole service over sockets, driven by what we did not write ourselves."""
