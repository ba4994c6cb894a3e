"""The server: the application put together, its worker, its health."""
