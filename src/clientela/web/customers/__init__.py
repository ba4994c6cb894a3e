"""Finding customers, and one customer."""
