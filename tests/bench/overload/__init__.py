"""What the service does when five times as many come as it can serve."""
