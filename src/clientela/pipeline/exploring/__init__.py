"""The cube as somebody looks around in it: what they may ask, the picture of an answer, what was sent for it."""
