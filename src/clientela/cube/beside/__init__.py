"""What is set beside figures: the period before, shares, running totals; and how they are laid out."""
