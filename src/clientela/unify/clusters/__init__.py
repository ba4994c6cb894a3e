"""Pairs become customers: which records are one, what holds them together, and what was kept apart."""
