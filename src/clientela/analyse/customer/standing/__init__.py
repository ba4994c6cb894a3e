"""How safely customers pay: classes by declared rules, and who changed class."""
