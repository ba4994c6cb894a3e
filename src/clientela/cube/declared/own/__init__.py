"""Measures that a company declares itself: read, checked part by part, typed, and only then made into SQL."""
