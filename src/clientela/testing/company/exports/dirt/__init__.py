"""What is wrong in the files that systems send, and where: each spoiled cell is known."""
