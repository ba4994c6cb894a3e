"""Who is who, as a person is shown it: documents for programs, a page to read."""
