"""A table or a query of a SQL database as a source; the only code that knows SQLAlchemy."""
