"""What Alembic runs for a migration, on the connection and in the transaction it is given."""

from alembic import context

if __name__ == "env_py":  # so Alembic names it; whoever else imports it runs nothing
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
