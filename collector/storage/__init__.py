"""One schema in SQLAlchemy Core, on SQLite by default and on PostgreSQL."""
