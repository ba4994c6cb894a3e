"""What commands show: lines for a person, documents for a program."""
