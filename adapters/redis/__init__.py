"""The lock that several instances share."""
