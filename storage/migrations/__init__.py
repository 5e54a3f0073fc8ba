"""Alembic revisions: append only. Listed here too: a start with nothing to migrate need not load Alembic."""

#: Every revision this program knows, oldest first. A test compares it with the files.
REVISIONS = ("0001", "0002", "0003", "0005", "0006", "0007")
HEAD = REVISIONS[-1]
