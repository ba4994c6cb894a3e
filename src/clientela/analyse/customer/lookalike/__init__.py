"""Who is like the best customers and is not one yet: among customers, and among people who have not bought."""
