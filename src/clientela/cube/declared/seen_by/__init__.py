"""What figures are seen by, in a file for each hierarchy."""
