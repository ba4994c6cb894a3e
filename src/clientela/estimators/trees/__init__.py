"""Many small trees added up: what no straight line can say."""
