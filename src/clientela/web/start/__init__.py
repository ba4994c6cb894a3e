"""The first start: from a file to the first insight."""
