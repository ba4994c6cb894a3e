"""What each customer will bring: counted, learned, tested, told."""
