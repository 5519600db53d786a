"""What the service costs over 100 purchases and 100,000, with 10 spots and more."""
