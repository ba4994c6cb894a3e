"""Questions of a person: what they may see, and the figures they ask for."""
