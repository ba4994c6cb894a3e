"""Roll-ups in the run: what was asked, which tables are worth counting beforehand, and these tables written."""
