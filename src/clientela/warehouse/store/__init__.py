"""What a workspace keeps: the landing, the snapshots, the lock."""
