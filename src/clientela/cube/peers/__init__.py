"""How one's own part of the company stands among others like it, without a look at them."""
