"""One customer, or a few, as somebody may see them: looked up by number, each field within their rights."""
