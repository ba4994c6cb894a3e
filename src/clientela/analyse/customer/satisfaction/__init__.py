"""How differently satisfied and dissatisfied customers buy afterwards."""
