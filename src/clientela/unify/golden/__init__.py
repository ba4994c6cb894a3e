"""The golden record: each customer once, with the best that any of their records knows."""
