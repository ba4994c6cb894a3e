"""The tables a source may deliver, by subject."""
