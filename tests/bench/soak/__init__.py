"""Hours of mixed load with faults: what must not grow, and what must stay true."""
