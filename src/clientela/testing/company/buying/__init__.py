"""When customers buy, what, and what they will buy: simulated week by week, the truth known in closed form."""
