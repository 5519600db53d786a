"""Every hazard in the book, and the tests that prove what becomes of it."""
