"""How what is bought is billed: in which currency, with which tax, paid how."""
