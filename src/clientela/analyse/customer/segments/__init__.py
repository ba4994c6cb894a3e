"""Groups of customers: by recency, frequency and money, by likeness, by the state in their life."""
