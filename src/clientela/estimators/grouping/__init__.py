"""Customers that are alike: clusters, how steady they are, what tells them apart, which is which next time."""
