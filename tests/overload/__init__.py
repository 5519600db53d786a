"""A crowd before the door, in a time that costs nothing, and what it gets."""
