"""Alembic's entry: run migrations on the database that `core.db.migrate` names."""

from alembic import context
from sqlalchemy import create_engine

from core.models import Base

engine = create_engine(context.config.attributes["database"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
