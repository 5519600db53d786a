"""The proof: a room for each layer, and one for each kind of danger."""
