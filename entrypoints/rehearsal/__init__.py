"""What a use case would change: run over ports that remember and do not write."""
