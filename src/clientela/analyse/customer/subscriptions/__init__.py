"""Which contracts will end: the chance of each, learned from contracts of the same age, and what goes with them."""
