"""The questions clientela answers: a folder an area, a file an analysis."""
