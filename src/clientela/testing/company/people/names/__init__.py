"""Names of four languages: who bears them, what towns and streets are called."""
