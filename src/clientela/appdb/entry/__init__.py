"""How a user comes in: with a password, or once with a link."""
