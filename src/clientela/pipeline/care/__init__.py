"""Looking after a workspace: its state, its health, what a run would do."""
