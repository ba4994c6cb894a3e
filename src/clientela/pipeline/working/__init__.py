"""Work that was asked for in a page or by the API and that a worker does: runs, proposals, decisions."""
