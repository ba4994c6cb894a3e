"""What customers will buy and bring: the models beside the BG/NBD, and what is foretold with them."""
