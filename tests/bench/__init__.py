"""What the service costs, beside a floor in the same run; `make bench`."""
