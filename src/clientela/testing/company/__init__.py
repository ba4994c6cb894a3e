"""A synthetic company whose truth is known: what its customers do, and why, so that answers can be proved right."""
