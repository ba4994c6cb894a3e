"""Typed batches as they lie beside the landing: sealed, and small ones together."""
