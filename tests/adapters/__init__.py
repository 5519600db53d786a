"""What only this adapter can get wrong."""
