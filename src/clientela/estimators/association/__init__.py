"""What goes with what: rules between items, and how alike items are."""
