"""What a run writes for the pages of customers, the questions they ask, and the words customers are found by."""
