"""A folder looked at: its files, a sample of each, what the values of a column show."""
