"""Sources, deliveries, quality, who is who, runs."""
