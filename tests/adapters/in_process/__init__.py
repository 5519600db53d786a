"""What tasks of one process do for each other."""
