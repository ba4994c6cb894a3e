"""What the cube knows by name: facts, measures, dimensions."""
