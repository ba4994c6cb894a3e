"""How good the data are: measured, told, and whether an answer may rest on them."""
