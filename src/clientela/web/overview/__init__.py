"""What happened, what changed, what to watch."""
