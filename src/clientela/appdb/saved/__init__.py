"""What users keep for themselves and for each other: views under a name."""
