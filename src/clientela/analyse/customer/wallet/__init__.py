"""Which part of what customers could spend they spend here: assumed from the best served of those like them."""
