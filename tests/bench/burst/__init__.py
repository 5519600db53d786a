"""A thousand buyers for ten spots, and one event a thousand times."""
