"""What one process can do for itself, without asking anybody."""
