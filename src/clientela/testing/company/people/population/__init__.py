"""Who there is in a world, who lives and works with whom, and what happens to them: as numbers."""
