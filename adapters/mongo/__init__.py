"""Purchases, programs and orphans in MongoDB, through Beanie (docs/adr/0002)."""
