"""Figures: measures by dimensions, right at every level."""
