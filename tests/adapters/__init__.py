"""What only one adapter can get wrong."""
