"""Questions to the knowledge base for assistants that speak MCP: read only, within the rights of one user."""
