"""Who may see what: roles and grants become the rows, columns and measures that one person sees."""
