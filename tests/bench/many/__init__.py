"""What another service process behind nginx adds."""
