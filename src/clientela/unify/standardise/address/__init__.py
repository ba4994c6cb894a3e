"""Addresses: the street, the house number, the postal code, the town, the country."""
