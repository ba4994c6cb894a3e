"""The answers of the analyses."""
