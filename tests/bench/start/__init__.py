"""How long the service takes to be ready, and how much memory it then has."""
