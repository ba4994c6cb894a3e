"""In which customers to invest, which to maintain, in which not to invest."""
