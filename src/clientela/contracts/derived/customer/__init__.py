"""What the analyses of customers write."""
