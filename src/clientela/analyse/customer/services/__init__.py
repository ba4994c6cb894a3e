"""What customers are worth across all services: orders and each of their contracts, every line counted once."""
