"""Who is about to leave, who buys from time to time: learned, tested, told, with its reasons."""
