"""Help, and the words used on the pages."""
