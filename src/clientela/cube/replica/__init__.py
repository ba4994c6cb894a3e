"""What a replica holds: the cells that one person may read, and what can still be counted of them."""
