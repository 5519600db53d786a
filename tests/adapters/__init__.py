"""What only one adapter can get wrong, against the real thing it adapts."""
