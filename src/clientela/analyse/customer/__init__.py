"""Questions about customers: who they are worth, whom we are about to lose."""
