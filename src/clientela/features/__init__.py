"""Features: what was known of each customer before a date. The only source of a model's inputs."""
