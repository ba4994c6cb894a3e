"""The semantic layer: measures, dimensions, records and the knowledge base an answer reads."""
