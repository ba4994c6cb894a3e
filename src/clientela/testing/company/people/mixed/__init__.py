"""A list of people of four languages in three systems, to measure how records are matched; no world behind it."""
