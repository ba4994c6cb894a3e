"""Where an extra effort pays: in whom to invest, and what would change that."""
