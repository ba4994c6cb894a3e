"""Questions about sales."""
