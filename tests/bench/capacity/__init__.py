"""The numbers behind docs/explanation/capacity.md."""
