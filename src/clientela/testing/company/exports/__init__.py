"""What the systems of a company send each week: in which form, how late, and with what wrong at first."""
