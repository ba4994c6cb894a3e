"""What people and programs do with clientela, in one SQLite file: who they are, what they may, what they did, jobs."""
