"""The purchase protocol as a finite machine, and every state that it can reach."""
