"""What is told on every page, and what an overview tells: put together from what the cube and the analyses say."""
