"""What a run writes for the pages of customers: one row for each, and the words they are found by."""
