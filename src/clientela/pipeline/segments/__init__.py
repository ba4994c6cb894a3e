"""Segments in the run and when asked: their versions, who is in them since when, why, and how many would be."""
