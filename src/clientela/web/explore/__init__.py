"""The cube as a pivot."""
