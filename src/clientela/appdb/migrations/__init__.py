"""From an older version of the tables to the newest: forward only, each step once, after a copy of the file."""
