"""What a company declares of its own in the settings."""
