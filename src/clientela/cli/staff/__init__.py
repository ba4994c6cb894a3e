"""Commands about who works with a workspace, what they may, and what they did."""
