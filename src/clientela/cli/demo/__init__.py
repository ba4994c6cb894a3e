"""The demos: a grocer's published data, and a synthetic company whose truth is known."""
