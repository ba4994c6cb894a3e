"""Who the customers are, as each system sends it."""
