"""Customers one by one: the table of their pages, who is found by a word or a number, one customer's page."""
