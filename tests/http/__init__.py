"""The whole service over HTTP, with the outside world replaced in its container."""
