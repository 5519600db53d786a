"""The service as real processes on real servers, killed where it hurts."""
