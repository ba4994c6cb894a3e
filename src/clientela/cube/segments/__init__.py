"""Segments: customers who fit a condition, by name; since when each does, until when, and the fact that turned it."""
