"""What every request passes: who asks, what they may do, limits, headers, refusals."""
