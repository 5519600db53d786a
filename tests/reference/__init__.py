"""The reference says what the code says, and explains all of it."""
