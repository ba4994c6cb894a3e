"""Unify: records of several systems become customers, each of whom stands there once."""
