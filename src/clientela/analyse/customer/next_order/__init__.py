"""The day by which each customer is expected to order next."""
