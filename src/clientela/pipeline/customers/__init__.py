"""Customers one by one: who is found by a word or a number, and all that is told of one."""
