"""Alembic's door: runs the revisions on the connection that storage.database hands over, in its transaction."""

from alembic import context

from storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes tables by copying them
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
