"""Commands that let others in: a server for browsers and programs, pipes for an assistant."""
