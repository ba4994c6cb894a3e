"""What people are called, where they live and how they are reached, as texts made of numbers, whole columns at once."""
